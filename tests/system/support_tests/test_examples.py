"""The sample agencies, their roles, the first bridge configuration and the population fit together."""

import hashlib
import unittest
from collections import Counter

import psycopg2

from support.world import World, without_comments
from population import Population, respelled

AGENCIES = ("sp", "es")


def fingerprint(people, seed):
    digest = hashlib.sha256()
    for batch in Population(people, seed).batches():
        for table, lines in batch.items():
            digest.update(table.encode())
            digest.update("".join(lines).encode())
    return digest.hexdigest()


class CommentsTest(unittest.TestCase):
    def test_comments_go_and_strings_stay(self):
        text = '{ // one\n "a//b": "c\\"/*d*/", /* two\nlines */ "e": 1 }'
        self.assertEqual(without_comments(text), '{ \n "a//b": "c\\"/*d*/", \n "e": 1 }')


class PopulationTest(unittest.TestCase):
    def test_the_same_seed_gives_the_same_people(self):
        self.assertEqual(fingerprint(300, 7), fingerprint(300, 7))
        self.assertNotEqual(fingerprint(300, 7), fingerprint(300, 8))

    def test_it_has_exactly_the_people_asked_for(self):
        for people in (1, 7, 1000):
            with self.subTest(people=people):
                self.assertEqual(sum(len(b["sp.person"]) for b in Population(people, 1, batch_people=100).batches()), people)

    def test_another_spelling_is_another_text(self):
        for name in ("Müller", "Brown", "王", "Шевченко", "الحسن", "Nguyễn"):
            self.assertNotEqual(respelled(name), name)


class ExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(people=3000, seed=3)
        cls.addClassCleanup(cls.world.close)
        cls.world.__enter__()
        cls.files = cls.world.configuration()

    def query(self, agency, sql, parameters=None):
        return self.world.agency(agency).query(sql, parameters, database=agency)

    def one(self, agency, sql):
        return self.query(agency, sql)[0][0]

    def test_every_head_is_a_member(self):
        self.assertEqual(self.one("sp", """SELECT count(*) FROM sp.household h LEFT JOIN sp.person p
            ON p.id = h.head_person_id AND p.household_id = h.id WHERE p.id IS NULL"""), 0)

    def test_the_population_has_what_a_bridge_stumbles_over(self):
        both = {n for (n,) in self.query("sp", "SELECT national_id FROM sp.person WHERE national_id IS NOT NULL")}
        both &= {n for (n,) in self.query("es", 'SELECT nin FROM jobs."JobSeeker"')}
        able = self.one("sp", "SELECT count(*) FROM sp.person WHERE able_bodied AND national_id IS NOT NULL")
        self.assertAlmostEqual(len(both) / able, 0.30, delta=0.06)
        self.assertGreater(self.one("sp", "SELECT count(*) FROM sp.person WHERE national_id IS NULL"), 20)
        self.assertGreater(self.one("sp", "SELECT count(*) FROM sp.person WHERE full_name NOT LIKE '%, %'"), 1)
        self.assertGreater(self.one("es", """SELECT count(*) FROM jobs."JobSeeker" WHERE nin LIKE '9__________'"""), 20)
        self.assertEqual(self.one("sp", "SELECT count(*) FROM sp.case_note WHERE length(body) NOT BETWEEN 3000 AND 20000"), 0)

    def test_long_notes_are_stored_out_of_line(self):
        stored = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = '{}'::regclass"
        self.assertGreater(self.one("sp", stored.format("sp.case_note")), 100_000)
        self.assertGreater(self.one("es", stored.format("jobs.counselling_session")), 10_000)

    def test_new_keys_follow_the_loaded_ones(self):
        for table in ("sp.household", "sp.person", "sp.support_plan"):
            self.assertEqual(self.one("sp", f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) - max(id) FROM {table}"), 1)

    def test_no_role_is_more_than_it_must_be(self):
        for agency in AGENCIES:
            rows = self.query(agency, """SELECT rolname, rolsuper, rolreplication, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles
                WHERE rolname LIKE 'casebridge%%' ORDER BY 1""")
            self.assertEqual(rows, [("casebridge_capture", False, True, False, False, False),
                                    ("casebridge_deliver", False, False, False, False, False)])

    def test_delivery_may_set_up_an_origin_but_not_make_one(self):
        self.query("sp", "SELECT pg_replication_origin_create('test')")
        connection = self.world.agency("sp").connect("sp", "casebridge_deliver")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_replication_origin_session_setup('test'), pg_replication_origin_session_progress(true)")
            cursor.execute("BEGIN; SELECT pg_replication_origin_xact_setup('0/10', now());"
                           "SELECT pg_logical_emit_message(true, 'test', ''); COMMIT")
            for refused in ("SELECT pg_replication_origin_create('other')", "TRUNCATE sp.case_note"):
                with self.assertRaises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(refused)
        connection.close()

    def test_capture_reads_and_cannot_write(self):
        for agency, table in (("sp", "sp.person"), ("es", 'jobs."JobSeeker"')):
            connection = self.world.agency(agency).connect(agency, "casebridge_capture")
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table}")
                self.assertGreater(cursor.fetchone()[0], 0)
                with self.assertRaises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"DELETE FROM {table}")
            connection.close()

    def test_every_mapped_column_exists_and_every_table_can_be_published(self):
        for agency in AGENCIES:
            for table, entry in self.mapping(agency)["tables"].items():
                columns = {name for (name,) in self.query(
                    agency, "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", (table,))}
                named = {entry["key"]["column"], *entry.get("on_insert", {})}
                named |= {f if isinstance(f, str) else f["column"] for f in entry["fields"].values()}
                named |= {part["column"] for part in entry.get("split", [])}
                self.assertEqual(named - columns, set(), table)
                self.assertEqual(self.query(agency, "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass AND indisprimary",
                                            (table,)), [(1,)])

    def test_every_column_without_a_value_of_its_own_is_filled_on_insert(self):
        for agency in AGENCIES:
            for table, entry in self.mapping(agency)["tables"].items():
                if entry.get("create_when", "never") == "never":
                    continue
                needed = {name for (name,) in self.query(agency, """SELECT attname FROM pg_attribute
                    WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull AND NOT atthasdef AND attidentity = ''""", (table,))}
                filled = {f if isinstance(f, str) else f["column"] for f in entry["fields"].values()}
                filled |= set(entry.get("on_insert", {})) | {part["column"] for part in entry.get("split", [])}
                self.assertEqual(needed - filled, set(), table)

    def test_every_field_code_and_group_is_the_model_s(self):
        model = self.files["model.jsonc"]
        for agency in AGENCIES:
            for table, entry in self.mapping(agency)["tables"].items():
                entity = model["entities"][entry["entity"]]
                mapped = set(entry["fields"])
                for part in entry.get("split", []):
                    mapped |= {piece.split("}")[0] for piece in part["pattern"].split("{")[1:]}
                self.assertEqual(mapped - set(entity["fields"]), set(), table)
                for name, fields in entity.get("groups", {}).items():
                    self.assertIn(len(mapped & set(fields)), (0, len(fields)), f"{table} maps a part of {name}")
                for name, field in entry["fields"].items():
                    if "codes" in (field if isinstance(field, dict) else {}):
                        values = set(model["code_lists"][entity["fields"][name]["list"]])
                        self.assertEqual(set(field["codes"].values()) - values, set(), f"{table}.{name}")

    def test_every_local_code_that_the_tables_allow_is_mapped(self):
        for agency in AGENCIES:
            for table, entry in self.mapping(agency)["tables"].items():
                for name, field in entry["fields"].items():
                    if not isinstance(field, dict) or "codes" not in field:
                        continue
                    codes = {code for (code,) in self.query(agency, f'SELECT DISTINCT "{field["column"]}"::text FROM {table}'
                                                                    f' WHERE "{field["column"]}" IS NOT NULL')}
                    self.assertEqual(codes - set(field["codes"]), set(), f"{table}.{name}")

    def test_agreements_and_rules_name_fields_of_the_model(self):
        bridge, entities = self.files["bridge.jsonc"], self.files["model.jsonc"]["entities"]
        for agreement in bridge["agreements"]:
            for entity, fields in agreement["share"].items():
                self.assertEqual(self.unknown(entities[entity], [] if fields == "*" else fields), [])
        for entity, rules in bridge["rules"].items():
            self.assertEqual(self.unknown(entities[entity], [f for f in rules if f != "default"]), [])

    def test_what_is_shared_is_the_same_in_both_directions(self):
        shares = Counter(repr(agreement["share"]) for agreement in self.files["bridge.jsonc"]["agreements"])
        self.assertEqual(list(shares.values()), [2])

    @staticmethod
    def unknown(entity, names):
        return [n for n in names if n not in entity["fields"] and n not in entity.get("groups", {})]

    def mapping(self, agency):
        mapping = self.files[self.files["bridge.jsonc"]["agencies"][agency]["mapping"]]
        self.assertEqual(mapping["agency"], agency)
        return mapping


if __name__ == "__main__":
    unittest.main()
