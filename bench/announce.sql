-- On the target only, for L200: tells a listener outside what has become visible, also when replication writes it.

CREATE FUNCTION bench.announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'person' THEN
        PERFORM pg_notify('visible', NEW.phone);
    ELSE
        PERFORM pg_notify('visible', NEW.event_no);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER announce AFTER UPDATE ON bench.person FOR EACH ROW EXECUTE FUNCTION bench.announce();
CREATE TRIGGER announce AFTER INSERT ON bench.service_event FOR EACH ROW EXECUTE FUNCTION bench.announce();
ALTER TABLE bench.person ENABLE ALWAYS TRIGGER announce;
ALTER TABLE bench.service_event ENABLE ALWAYS TRIGGER announce;
