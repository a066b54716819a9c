-- Every start asks which configuration was applied last.
CREATE INDEX journal_configuration ON casebridge.journal (seq) WHERE kind = 'configuration_applied';
