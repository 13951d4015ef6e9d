"""The one documented shape of an invoice in CSV, JSON and JSONL: its fields, their names, what they hold.

A CSV row is one line of an invoice; rows with the same reference (else number) are one invoice and repeat,
or leave empty, what belongs to the invoice. In JSON the same names nest: `customer_name` is `customer.name`,
the fields of a line stand in the objects of `lines`.
"""

import difflib
import unicodedata
from typing import Literal

import msgspec

Level = Literal["invoice", "customer", "line"]
Kind = Literal[
    "text", "date", "amount", "quantity", "discount", "id", "vat", "country", "currency", "status", "kind",
    "language", "conditions", "substance", "digits", "emails", "categories", "provider", "provider_field",
    "yes_no",
]  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """One column: its name, where it belongs, what it holds, and the other names it is found by."""

    name: str
    level: Level
    kind: Kind
    about: str
    example: str = ""
    names: tuple[str, ...] = ()
    """Other names, English and French; case, accents, punctuation and underscores do not matter."""


def _field(  # noqa: PLR0917 - a row of the table below: positions keep it readable
    level: Level, name: str, kind: Kind, about: str, example: str = "", names: str = ""
) -> Field:
    return Field(
        name, level, kind, about, example, tuple(part.strip() for part in names.split(",") if part.strip())
    )


FIELDS: tuple[Field, ...] = (
    _field("invoice", "reference", "text", "your unique key; rows that share it are one invoice", "SHOP-1001",
           "external reference, référence, référence externe, ref"),
    _field("invoice", "number", "text", "the number printed on an imported invoice", "",
           "invoice number, numéro, numéro de facture, n° facture, n° de facture, no facture"),
    _field("invoice", "status", "status", "draft or final", "draft", "état, statut, brouillon ou finale"),
    _field("invoice", "date", "date", "invoice date", "2026-03-01",
           "invoice date, issue date, date de facture, date facture, date d'émission"),
    _field("invoice", "due_date", "date", "day by which it is to be paid", "2026-03-31",
           "deadline, due, payment deadline, échéance, date d'échéance, date limite de paiement"),
    _field("invoice", "currency", "currency", "ISO 4217 code, EUR if empty", "EUR", "devise, monnaie"),
    _field("customer", "customer_id", "id", "Pennylane's id of the customer", "", "id client, client id"),
    _field("customer", "customer_external_reference", "text", "your key of the customer", "",
           "customer key, référence externe client, code client"),
    _field("customer", "customer_reg_no", "digits", "SIREN or SIRET", "732829320",
           "siren, siret, reg no, customer siren, customer siret, client siren, client siret, siren client"),
    _field("customer", "customer_vat_number", "text", "VAT number", "FR44732829320",
           "vat number, tva intracommunautaire, n° tva, numéro de tva, client tva"),
    _field("customer", "customer_emails", "emails", "addresses for invoices, separated by commas", "",
           "email, emails, customer email, e-mail, courriel, email client, client email"),
    _field("customer", "customer_name", "text", "company name", "Atelier Martin",
           "customer, client, nom du client, nom client, client nom, raison sociale, company"),
    _field("customer", "customer_kind", "kind", "company or individual", "",
           "type de client, customer type, client type"),
    _field("customer", "customer_first_name", "text", "of an individual", "",
           "first name, prénom, client prénom"),
    _field("customer", "customer_last_name", "text", "of an individual", "", "last name, nom de famille"),
    _field("customer", "customer_address", "text", "street", "12 rue des Lilas",
           "address, adresse, client adresse"),
    _field("customer", "customer_postal_code", "text", "", "69003",
           "postal code, zip, zip code, code postal, client code postal"),
    _field("customer", "customer_city", "text", "", "Lyon", "city, ville, client ville"),
    _field("customer", "customer_country", "country", "two letters (ISO 3166), or a name", "FR",
           "country, pays, client pays"),
    _field("customer", "delivery_address", "text", "street", "", "adresse de livraison"),
    _field("customer", "delivery_postal_code", "text", "", "", "code postal de livraison"),
    _field("customer", "delivery_city", "text", "", "", "ville de livraison"),
    _field("customer", "delivery_country", "country", "two letters", "", "pays de livraison"),
    _field("customer", "customer_phone", "text", "", "", "phone, téléphone, client téléphone"),
    _field("customer", "customer_recipient", "text", "person addressed", "", "recipient, destinataire"),
    _field("customer", "customer_reference", "text", "free text on the customer", "", "référence client"),
    _field("customer", "customer_payment_conditions", "conditions",
           "as 30_days; gives the due date if that is empty",
           "", "payment conditions, payment terms, conditions de paiement"),
    _field("customer", "customer_language", "language", "fr_FR, en_GB, de_DE or es_ES", "", "langue client"),
    _field("customer", "customer_iban", "text", "", "", "iban, client iban"),
    _field("line", "label", "text", "what is sold", "Abonnement mars",
           "libellé, désignation, line label, article"),
    _field("line", "line_description", "text", "longer text of the line", "", "détail, description ligne"),
    _field("line", "unit_price", "amount", "before tax and discount, at most 6 decimals", "49.90",
           "price, unit price excl tax, prix unitaire, prix unitaire ht, pu, pu ht, prix ht, prix"),
    _field("line", "quantity", "quantity", "not zero; 1 if empty", "2", "qty, quantité, qté"),
    _field("line", "unit", "text", "as piece, hour, day", "piece", "unité"),
    _field("line", "vat", "vat", "a VAT code (FR_200) or a rate (20)", "FR_200",
           "vat rate, vat code, tva, taux tva, taux de tva, code tva"),
    _field("line", "vat_country", "country", "country of the rate, FR if empty", "", "pays tva"),
    _field("line", "line_discount", "discount", "10 % or an amount", "", "remise, remise ligne, discount"),
    _field("line", "product_id", "id", "Pennylane's id of the product", "", "id produit"),
    _field("line", "product_reference", "text", "reference of the product", "", "référence produit, sku"),
    _field("line", "product_external_reference", "text", "your key of the product", "",
           "référence externe produit"),
    _field("line", "product", "text", "label of the product", "", "product label, produit"),
    _field("line", "ledger_account_id", "id", "Pennylane's id of the ledger account", "", "id compte"),
    _field("line", "ledger_account", "text", "number or its beginning, as 706", "",
           "account, compte, compte comptable"),
    _field("line", "substance", "substance", "goods or services", "", "nature"),
    _field("line", "section", "text", "title of the section the line stands in", "", "rubrique"),
    _field("line", "section_description", "text", "", "", "description rubrique"),
    _field("line", "imputation_start", "date",
           "first day the line is for; final invoices and imports only", "",
           "period start, service start, début, début de période, date de début"),
    _field("line", "imputation_end", "date", "last day the line is for", "",
           "period end, service end, fin, fin de période, date de fin"),
    _field("line", "line_tax", "amount", "tax of the line, imports only", "", "montant tva, tva ligne"),
    _field("line", "line_total_incl_tax", "amount", "amount of the line with tax, imports only", "",
           "line amount, montant ttc ligne, total ligne ttc, line total"),
    _field("invoice", "invoice_discount", "discount", "10 % or an amount, off the invoice", "",
           "remise facture, remise globale"),
    _field("invoice", "total_excl_tax", "amount", "checked against the lines", "99.80",
           "total ht, montant ht, total before tax"),
    _field("invoice", "total_tax", "amount", "checked against the lines", "19.96",
           "total tva, tax, total vat"),
    _field("invoice", "total_incl_tax", "amount", "checked against the lines", "119.76",
           "total ttc, montant ttc, total, total with tax"),
    _field("invoice", "file", "text", "PDF to import, beside this file", "", "pdf, fichier, filename"),
    _field("invoice", "convert_to_e_invoice", "yes_no",
           "let Pennylane turn the imported PDF into a Factur-X", "",
           "factur-x, convertir en facture électronique"),
    _field("invoice", "credits", "text", "id, number or reference of the invoice a credit note reduces", "",
           "credited invoice, avoir de, facture d'origine, facture créditée"),
    _field("invoice", "template_id", "id", "Pennylane's id of the invoice template", "", "id modèle"),
    _field("invoice", "template", "text", "name of the invoice template", "", "modèle, modèle de facture"),
    _field("invoice", "language", "language", "fr_FR, en_GB, de_DE or es_ES", "", "langue"),
    _field("invoice", "subject", "text", "title on the PDF", "", "objet, pdf invoice subject"),
    _field("invoice", "description", "text", "at most 5,000 characters", "", "pdf description"),
    _field("invoice", "free_text", "text", "as whom to contact", "", "texte libre, pdf invoice free text"),
    _field("invoice", "special_mention", "text", "at most 20,000 characters", "",
           "mention spéciale, mentions"),
    _field("invoice", "ledger_label", "text", "label of the ledger entry", "", "libellé comptable"),
    _field("invoice", "purchase_order", "text", "the buyer's, at most 50 characters", "",
           "purchase order reference, bon de commande, n° de commande"),
    _field("invoice", "sales_order", "text", "the seller's, at most 50 characters", "",
           "sales order reference"),
    _field("invoice", "transaction_provider", "provider",
           "bank, stripe, gocardless, budgetinsight or helloasso", "",
           "banking provider, transaction banking provider"),
    _field("invoice", "transaction_field", "provider_field", "as label, payment_id, charge_id", "",
           "provider field name, transaction provider field name"),
    _field("invoice", "transaction_value", "text", "what that field of the transaction holds", "",
           "provider field value, transaction provider field value"),
    _field("invoice", "categories", "categories", "Group/Label=weight, separated by |", "",
           "catégories, category, catégorie"),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}


def plain(name: str) -> str:
    """A column name without case, accents and punctuation.

    >>> plain("N° de Facture"), plain("unit_price"), plain("Qté")
    ('n de facture', 'unit price', 'qte')
    """
    folded = unicodedata.normalize("NFKD", name.replace("°", " ").lower())
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(letters.split())


_BY_PLAIN = {plain(name): field for field in FIELDS for name in (field.name, *field.names)}


def find_field(name: str) -> Field | None:
    """The field that a column name means, in English or French."""
    return _BY_PLAIN.get(plain(name))


def nearest_name(name: str) -> str | None:
    """The field whose name comes nearest, for a hint."""
    near = difflib.get_close_matches(plain(name), _BY_PLAIN, n=1, cutoff=0.7)
    return _BY_PLAIN[near[0]].name if near else None


def as_markdown() -> str:
    """The table of all fields, for the reference page."""
    rows = ["| column | holds | also found as |", "|---|---|---|"]
    for field in FIELDS:
        holds = " · ".join(
            part for part in (field.about, f"`{field.example}`" if field.example else "") if part
        )
        rows.append(f"| `{field.name}` ({field.level}) | {holds} | {', '.join(field.names)} |")
    return "\n".join(rows) + "\n"
