-- What a submission carries beyond its invoice: the categories to put on once it is final, and what it was
-- before it was forgotten.

alter table submissions add column categories text;
alter table submissions add column history text;
