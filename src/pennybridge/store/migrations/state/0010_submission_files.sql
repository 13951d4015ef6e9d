-- Which file was sent with a submission, to recognise it under another name or number.

alter table submissions add column file_digest text;
create index submissions_by_file on submissions (company_id, file_digest);
