"""A field that holds a set: an array at one agency, texts between semicolons at the other, joined element by element."""

import json
import unittest

from support.asking import Asking


class SetsTest(Asking):
    starts_daemon = False  # the columns come first

    @staticmethod
    def configure(files):
        model = files["model.jsonc"]
        model["code_lists"]["language"] = ["ar", "de", "en", "uk"]
        model["entities"]["person"]["fields"]["languages"] = {"type": "set", "list": "language"}
        files["sp.mapping.jsonc"]["tables"]["sp.person"]["fields"]["languages"] = "languages"
        files["es.mapping.jsonc"]["tables"]["jobs.\"JobSeeker\""]["fields"]["languages"] = {
            "column": "speaks", "separator": "; ",
            "codes": {"Arabic": "ar", "German": "de", "English": "en", "Ukrainian": "uk"}}
        bridge = files["bridge.jsonc"]
        bridge["rules"]["person"]["languages"] = "union"
        for agreement in bridge["agreements"]:
            if "person" in agreement["share"] and agreement["share"]["person"] != "*":
                agreement["share"]["person"].append("languages")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.agency("sp").query("ALTER TABLE sp.person ADD languages text[] NOT NULL DEFAULT '{}'", database="sp")
        cls.world.agency("es").query('ALTER TABLE jobs."JobSeeker" ADD speaks text', database="es")
        cls.daemon.start()
        cls.addClassCleanup(cls.daemon.kill)
        cls.daemon.wait_until_silent(60)

    # ---- the two columns -------------------------------------------------------------------------------------------------

    def at_sp(self, person, languages):
        self.sp("UPDATE sp.person SET languages = %s WHERE id = %s", (languages, person.sp))

    def at_es(self, person, languages):
        self.es("""UPDATE jobs."JobSeeker" SET speaks = %s WHERE id = %s""", (languages, person.es))

    def shown(self, person):
        return (self.sp("SELECT languages FROM sp.person WHERE id = %s", (person.sp,))[0][0],
                self.es("""SELECT speaks FROM jobs."JobSeeker" WHERE id = %s""", (person.es,))[0][0])

    def arrives(self, person, at_sp, at_es):
        self.eventually(lambda: self.shown(person) == (at_sp, at_es), f"{at_sp} and {at_es} are there")
        self.silent()

    def speaking(self):
        """A person that both know, with German and English at both."""
        person = self.linked_person()
        self.assertIn(self.shown(person)[1], ("", None))
        self.at_sp(person, ["en", "de"])
        self.arrives(person, ["en", "de"], "German; English")
        return person

    # ---- what crosses ----------------------------------------------------------------------------------------------------

    def test_what_both_put_in_at_once_is_kept_and_what_one_takes_out_goes(self):
        person = self.speaking()
        with self.daemon.frozen():
            self.at_sp(person, ["de", "uk"])
            self.at_es(person, "German; English; Arabic")
        self.arrives(person, ["ar", "de", "uk"], "Arabic; German; Ukrainian")
        record = self.record(person)
        conflict, = self.conflicts(record, "languages")
        self.assertEqual(conflict[1:4], ("union", "stands", None))
        self.at_es(person, "")
        self.arrives(person, [], "")
        self.assertEqual(len(self.conflicts(record, "languages")), 1)

    def test_another_order_is_no_edit_and_is_left_alone(self):
        person = self.speaking()
        entries, = self.hub("SELECT count(*) FROM casebridge.conflict")[0]
        self.at_es(person, "English;German ; English;")
        self.silent()
        self.assertEqual(self.shown(person), (["en", "de"], "English;German ; English;"))
        self.at_sp(person, ["en", "de", "uk"])
        self.arrives(person, ["en", "de", "uk"], "German; English; Ukrainian")
        self.assertEqual(self.hub("SELECT count(*) FROM casebridge.conflict"), [(entries,)])

    def test_it_is_shown_explained_and_decided_as_it_is_kept(self):
        person = self.speaking()
        number = str(self.record(person))
        rows = self.hub("SELECT languages FROM casebridge_view.person WHERE record_id = %s", (number,))
        self.assertEqual(rows, [(["de", "en"],)])
        explained = self.daemon.command("explain", "person", number, "languages").stdout
        self.assertIn('["de", "en"]', explained)
        with self.daemon.frozen():
            self.at_sp(person, ["en", "de", "uk"])
            self.at_es(person, "German")
        self.arrives(person, ["de", "uk"], "German; Ukrainian")
        listed = json.loads(self.daemon.command("conflicts", "list", "--record", number, "--json").stdout)
        shown = json.loads(self.daemon.command("conflicts", "show", listed[0]["conflict"], "--json").stdout)
        seen = ",".join(str(version["seq"]) for version in shown["now"]["versions"])
        wrong = self.ask("conflicts", "resolve", listed[0]["conflict"], "--value", '["fr"]', "--seen", seen, check=False)
        self.assertEqual(wrong.returncode, 1)
        self.ask("conflicts", "resolve", listed[0]["conflict"], "--value", '["ar","de"]', "--seen", seen)
        self.arrives(person, ["ar", "de"], "Arabic; German")

    def test_what_nobody_can_read_waits_and_is_named_without_its_value(self):
        person = self.speaking()
        self.at_es(person, "German; Klingon")
        self.daemon.wait_for_event("change_parked", 30)
        self.assertNotIn("Klingon", self.daemon.log_text())
        self.at_sp(person, ["de"])
        self.at_es(person, "German; English; Arabic")
        self.eventually(lambda: self.shown(person)[0] == ["ar", "de"], "what es put in is there")
        self.silent()


if __name__ == "__main__":
    unittest.main()
