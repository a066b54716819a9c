-- Several agencies may have deleted their rows of one record: a row for each of them.

ALTER TABLE casebridge.departure DROP CONSTRAINT departure_pkey;
ALTER TABLE casebridge.departure ADD PRIMARY KEY (record, agency, table_name);
