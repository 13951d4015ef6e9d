"""The rate behind each VAT code: a table, because codes cannot be parsed.

Most codes are a country and ten times its rate (`FR_55` is 5.5 %), but `FR_1_05` is 1.05 %, `FR_15_385` is
15.385 %, reverse-charge codes name a rate that nobody charges, and words name none.

Source:
    The codes: enum `vat_rate` of the Company API v2 (July 2026, and the Spanish ones of September 2026), at
    https://pennylane.readme.io/reference/postcustomerinvoices. The rates: legal rates of each country.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

_CHARGED = """
    FR_1_05=1.05 FR_1_75=1.75 FR_09=0.9 FR_21=2.1 FR_40=4 FR_50=5 FR_55=5.5 FR_60=6 FR_65=6.5 FR_85=8.5
    FR_92=9.2 FR_100=10 FR_130=13 FR_15_385=15.385 FR_160=16 FR_196=19.6 FR_200=20 AD_10=1 AD_45=4.5
    AD_95=9.5 AT_100=10 AT_130=13 AT_190=19 AT_200=20 BE_60=6 BE_120=12 BE_210=21 BG_90=9 BG_200=20
    CH_25=2.5 CH_37=3.7 CH_77=7.7 CH_26=2.6 CH_38=3.8 CH_81=8.1 CY_30=3 CY_50=5 CY_80=8 CY_90=9 CY_190=19
    CZ_100=10 CZ_120=12 CZ_150=15 CZ_210=21 DE_70=7 DE_190=19 DE_70_BU0002=7 DE_190_BU0003=19 DE_70_BU0008=7
    DE_190_BU0009=19 DE_190_electronic_BU0226=19 DK_250=25 EE_90=9 EE_200=20 EE_220=22 EE_240=24 ES_40=4
    ES_70=7 ES_100=10 ES_210=21 FI_100=10 FI_135=13.5 FI_140=14 FI_240=24 FI_255=25.5 GB_50=5 GB_200=20
    GR_40=4 GR_60=6 GR_130=13 GR_170=17 GR_240=24 HR_50=5 HR_130=13 HR_250=25 HU_50=5 HU_180=18 HU_270=27
    IE_48=4.8 IE_90=9 IE_135=13.5 IE_210=21 IE_230=23 IT_40=4 IT_50=5 IT_100=10 IT_220=22 LT_50=5 LT_90=9
    LT_120=12 LT_210=21 LU_30=3 LU_70=7 LU_80=8 LU_120=12 LU_130=13 LU_140=14 LU_160=16 LU_170=17 LV_50=5
    LV_120=12 LV_210=21 MC_09=0.9 MC_21=2.1 MC_55=5.5 MC_85=8.5 MC_100=10 MC_200=20 MT_50=5 MT_70=7
    MT_120=12 MT_180=18 MU_150=15 NL_90=9 NL_210=21 NO_120=12 NO_150=15 NO_250=25 PL_50=5 PL_80=8 PL_230=23
    PT_60=6 PT_130=13 PT_160=16 PT_180=18 PT_220=22 PT_230=23 RO_50=5 RO_90=9 RO_110=11 RO_190=19 RO_210=21
    SE_60=6 SE_120=12 SE_250=25 SI_50=5 SI_95=9.5 SI_220=22 SK_50=5 SK_100=10 SK_190=19 SK_200=20 SK_230=23
"""

_NOTHING_CHARGED = """
    exempt extracom crossborder intracom_21 intracom_55 intracom_85 intracom_100
    FR_85_construction FR_100_construction FR_200_construction
    DE_exempt_BU0001 DE_exempt_BU0181 DE_exempt_BU0490 DE_exempt_construction_BU0046
    DE_intracom_exempt_BU0011 DE_intracom_exempt_BU0047 DE_intracom_exempt_BU0233
    ES_isp_sales ES_intracom_sales_goods ES_intracom_sales_services
"""
# Exempt, exported, or owed by the buyer (reverse charge, also that of French construction work).

_SEVERAL = "it stands for several rates at once, so the tax has to be given"
_GERMAN = (
    "whether the seller charges the rate it names depends on the German booking key, which is not documented"
)

UNCERTAIN: Mapping[str, str] = MappingProxyType(
    {
        "mixed": _SEVERAL,
        **dict.fromkeys(
            (
                "DE_intracom_70_BU0012",
                "DE_intracom_190_BU0013",
                "DE_intracom_70_BU0018",
                "DE_intracom_190_BU0019",
                "DE_intracom_190_BU0506",
                "DE_extracom_BU0173",
                "DE_extracom_BU0191",
                "DE_extracom_190_BU0511",
                "DE_70_construction_BU0091",
                "DE_190_construction_BU0094",
                "DE_190_construction_BU0526",
                "DE_190_construction_BU0546",
            ),
            _GERMAN,
        ),
    }
)
"""Codes whose rate is not known for sure, each with the reason; the emulator charges nothing on them."""

RATES: Mapping[str, Decimal] = MappingProxyType(
    {
        **{code: Decimal(rate) for code, _, rate in (entry.partition("=") for entry in _CHARGED.split())},
        **dict.fromkeys(_NOTHING_CHARGED.split(), Decimal(0)),
        **dict.fromkeys(UNCERTAIN, Decimal(0)),
    }
)
"""Percent charged by the seller, by VAT code."""


def rate_of(code: str) -> Decimal:
    """The percentage charged under a VAT code.

    >>> rate_of("FR_55"), rate_of("FR_1_05"), rate_of("extracom")
    (Decimal('5.5'), Decimal('1.05'), Decimal('0'))

    Raises:
        KeyError: Pennylane knows no such code.
    """
    return RATES[code]
