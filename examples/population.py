"""A made-up population of two agencies, from a seed: the same seed gives the same people, always.

`Population(people, seed)` yields batches; a batch is a dictionary from a table to lines in PostgreSQL's COPY text format, in
an order that satisfies the foreign keys. Standard library only; nothing here talks to a database.

What it contains, so that a bridge has something to do (shares of the people concerned):
  * households of one to six, whose head is set afterwards (`sp.household.head_person_id` is circular);
  * `overlap` of the able-bodied of working age known to both agencies beforehand, with the same national id;
  * of those, `differing` with another spelling of the name, as many with another phone, as many with another address;
  * two in a hundred without a national id, two in a thousand whose full name has no comma and cannot be split;
  * jobseekers whom social protection does not know; plans with steps at both agencies; notes of 3 to 20 kB.
"""

import datetime
import random
import unicodedata

from people_names import (CITIES, EMPLOYERS, GOALS, JOBS, NAMES, OFFICES, STEPS, STREETS, WORKERS)

TODAY = datetime.date(2026, 1, 1)  # the population does not change with the day it is generated on
BARRIERS = ["LTU", "ILL", "ADD", "DEB", "LAN", "SKL", "QUA", "HOM", "SGL", "TRA", "FOO", "OFF", "CUL", "MOT", "OTH"]

# Canonical meaning of an employment status, as each agency writes it, most common first at the employment service.
SP_STATUS = ["EF", "EF", "EP", "UE", "UE", "JS", "JS", "OL", "UK"]
ES_STATUS = {"EF": ["A", "AP"], "EP": ["AP", "A"], "UE": ["N"], "JS": ["S", "S", "S2"], "OL": ["X"], "UK": ["U"]}

TABLES = {
    "sp.household": "id, reference_no, street, city, postal_code, status, poverty_score, registered_on",
    "sp.person": "id, household_id, full_name, sex, birth_date, national_id, phone, email, street, city, postal_code,"
                 " able_bodied, employment_status, case_worker, death_date, internal_remark, updated_at",
    "sp.benefit_award": "person_id, kind, amount, valid_from, valid_to, status",
    "sp.support_plan": "id, person_id, goal, status, start_date, next_review, opened_by",
    "sp.support_action": "plan_id, title, owner, due_date, status",
    "sp.case_note": "person_id, author, written_at, body",
    'jobs."JobSeeker"': "id, first_name, last_name, nin, gender, born, contact, status, \"deceasedOn\", office,"
                        " counsellor, household_ref, created_by, created_at",
    "jobs.employment": "id, seeker_id, employer, job_title, kind, from_date, to_date",
    "jobs.barrier": "id, seeker_id, kind, noted_on, resolved_on",
    "jobs.job_plan": 'id, seeker_id, goal, state, "start", review_on, created_by',
    "jobs.plan_step": 'id, plan_id, "stepTitle", responsible, due, state',
    "jobs.counselling_session": "id, seeker_id, counsellor, held_at, notes",
}


def agency_of(table):
    return "sp" if table.startswith("sp.") else "es"


def respelled(name):
    """The same name as another clerk would type it: without its marks, or else with its last letter doubled."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    plain = unicodedata.normalize("NFC", plain)
    return plain if plain != name else name + name[-1]


class Population:
    def __init__(self, people, seed, overlap=0.30, differing=0.05, batch_people=5000):
        self.people = people
        self.overlap = overlap
        self.differing = differing
        self.batch_people = batch_people
        self.rng = random.Random(seed)
        self.random = self.rng.random
        self.household = 0
        self.person = 0
        self.plan = 0
        # Random letters hardly compress, so slices of this are stored out of line like real long notes.
        self.prose = "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyzäöüß    ", k=1 << 18))
        self.scripts = [script for script, (share, *_) in NAMES.items() for _ in range(share)]
        start = datetime.date(1930, 1, 1)
        # Dates are the most frequent values: both spellings are made once.
        days = (TODAY - start).days
        self.dates = [start + datetime.timedelta(days=n) for n in range(days + 1000)]
        self.iso = [day.isoformat() for day in self.dates]
        self.german = [f"{day.day:02d}.{day.month:02d}.{day.year:04d}" for day in self.dates]
        self.today = days

    def batches(self):
        lines = self._empty()
        filled = 0
        while self.person < self.people:
            before = self.person
            self._household(lines)
            filled += self.person - before
            if filled >= self.batch_people:
                yield lines
                lines, filled = self._empty(), 0
        for n in range(self.people // 50):
            self._stranger(lines, n)
        yield lines

    @staticmethod
    def _empty():
        return {table: [] for table in TABLES}

    def _pick(self, values):
        return values[int(self.random() * len(values))]

    def _uuid(self):
        bits = self.rng.getrandbits(128)
        h = f"{bits:032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[bits & 3]}{h[17:20]}-{h[20:]}"

    def _day(self, first_days_ago, last_days_ago):
        return self.today - last_days_ago - int(self.random() * (first_days_ago - last_days_ago))

    def _address(self):
        city, code = self._pick(CITIES)
        return f"{self._pick(STREETS)} {1 + int(self.random() * 199)}", city, code

    def _household(self, lines):
        self.household += 1
        household = self.household
        street, city, code = address = self._address()
        registered = self.iso[self._day(4000, 30)]
        status = "AC" if self.random() < 0.95 else self._pick(["SU", "CL"])
        lines["sp.household"].append(
            f"{household}\tH{household:09d}\t{street}\t{city}\t{code}\t{status}\t{self.random() * 100:.2f}\t{registered}\n")
        _, families, *_ = names = NAMES[self._pick(self.scripts)]
        family = self._pick(families)
        size = min(self._pick((1, 1, 1, 2, 2, 3, 4, 4, 5, 6)), self.people - self.person)
        for member in range(size):
            own_family = family if self.random() < 0.85 else self._pick(families)
            age_days = self._age(member)
            self._person(lines, household, own_family, names, age_days, address)

    def _age(self, member):
        r = self.random()
        if member == 0:
            years = 18 + int(r * 70)
        elif member == 1:
            years = 16 + int(r * 60)
        else:
            years = int(r * 22)
        return years * 365 + int(self.random() * 365)

    def _person(self, lines, household, family, names, age_days, address):
        r = self.random
        self.person += 1
        person = self.person
        woman = r() < 0.5
        given = self._pick(names[2] if woman else names[3])
        sex = ("F" if woman else "M") if r() < 0.985 else self._pick(["X", "\\N"])
        born = self.today - age_days
        # A bijection on the numbers below a prime: ids look random, stay unique and need no memory.
        national_id = f"{person * 48271 % 2147483647:010d}" if r() >= 0.02 else "\\N"
        full_name = f"{family}, {given}" if r() >= 0.002 else f"{given} {family}"
        phone = f"+49{1500000000 + int(r() * 299999999)}" if r() < 0.8 else "\\N"
        email = f"p{person}@example.org" if r() < 0.5 else "\\N"
        street, city, code = address
        working_age = 18 * 366 <= age_days < 65 * 365
        able = working_age and r() < 0.85
        status = self._pick(SP_STATUS) if working_age else "OL"
        death = self.iso[self._day(300, 1)] if age_days > 70 * 365 and r() < 0.03 else "\\N"
        remark = "call in the morning" if r() < 0.1 else "\\N"
        able_text = "t" if able else ("f" if r() < 0.8 else "\\N")
        worker = self._pick(WORKERS)
        lines["sp.person"].append(
            f"{person}\t{household}\t{full_name}\t{sex}\t{self.iso[born]}\t{national_id}\t{phone}\t{email}\t{street}\t{city}\t"
            f"{code}\t{able_text}\t{status}\t{worker}\t{death}\t{remark}\t{self.iso[self._day(700, 1)]} 09:00+00\n")
        if age_days > 18 * 365 and r() < 0.4:
            self._benefit(lines, person)
        if able and r() < 0.15:
            self._sp_plan(lines, person)
        if r() < 0.02:
            lines["sp.case_note"].append(
                f"{person}\t{worker}\t{self.iso[self._day(700, 1)]} 10:30+00\t{self._text(3000, 20000)}\n")
        if able and national_id != "\\N" and r() < self.overlap:
            self._known_to_both(lines, family, given, national_id, sex, born, phone, email, address, status)

    def _known_to_both(self, lines, family, given, national_id, sex, born, phone, email, address, status):
        r = self.random
        if r() < self.differing:
            family = respelled(family)
        if r() < self.differing:
            phone = f"+49{1600000000 + int(r() * 99999999)}"
        if r() < self.differing:
            address = self._address()
        gender = {"M": "1", "F": "2", "X": "9"}.get(sex, sex)
        self._seeker(lines, family, given, national_id, gender, born, phone, email, address, self._pick(ES_STATUS[status]))

    def _stranger(self, lines, n):
        """A jobseeker whom social protection does not know; the number range is disjoint from everybody else's."""
        _, families, women, men = NAMES[self._pick(self.scripts)]
        woman = self.random() < 0.5
        self._seeker(
            lines, self._pick(families), self._pick(women if woman else men), f"9{n:010d}", "2" if woman else "1",
            self._day(60 * 365, 20 * 365), f"+49{1700000000 + n}", "\\N", self._address(), self._pick(["S", "S2", "N", "A"]))

    def _seeker(self, lines, family, given, national_id, gender, born, phone, email, address, status):
        r = self.random
        seeker = self._uuid()
        document = []
        if phone != "\\N":
            document.append(f'"phone": {{"mobile": "{phone}"}}')
        if email != "\\N":
            document.append(f'"email": "{email}"')
        document.append(f'"address": {{"street": "{address[0]}", "city": "{address[1]}", "zip": "{address[2]}"}}')
        counsellor = self._pick(WORKERS)
        ref = f"H? {int(r() * 9999)}" if r() < 0.1 else "\\N"
        created = self.iso[self._day(900, 1)]
        lines['jobs."JobSeeker"'].append(
            f"{seeker}\t{given}\t{family}\t{national_id}\t{gender}\t{self.german[born]}\t{{{', '.join(document)}}}\t{status}\t\\N\t"
            f"{self._pick(OFFICES)}\t{counsellor}\t{ref}\timport\t{created} 08:00+00\n")
        for _ in range(int(r() * 3)):
            start = self._day(5000, 200)
            end = "\\N" if r() < 0.1 else self.iso[start + int(r() * 180)]
            lines["jobs.employment"].append(
                f"{self._uuid()}\t{seeker}\t{self._pick(EMPLOYERS)}\t{self._pick(JOBS)}\t{1 + int(r() * 5)}\t{self.iso[start]}\t{end}\n")
        for kind in self.rng.sample(BARRIERS, int(r() * 3)):
            noted = self._day(900, 100)
            resolved = self.iso[noted + 60] if r() < 0.2 else "\\N"
            lines["jobs.barrier"].append(f"{self._uuid()}\t{seeker}\t{kind}\t{self.iso[noted]}\t{resolved}\n")
        if r() < 0.5:
            self._es_plan(lines, seeker, counsellor)
        if r() < 0.04:
            lines["jobs.counselling_session"].append(
                f"{self._uuid()}\t{seeker}\t{counsellor}\t{self.iso[self._day(700, 1)]} 14:00+00\t{self._text(3000, 20000)}\n")

    def _benefit(self, lines, person):
        r = self.random
        start = self._day(2000, 100)
        end, status = ("\\N", "A") if r() < 0.6 else (self.iso[start + 90], "E")
        lines["sp.benefit_award"].append(
            f"{person}\t{1 + int(r() * 6)}\t{r() * 900:.2f}\t{self.iso[start]}\t{end}\t{status}\n")

    # Goals carry a number, so that no two plans of one person are alike and a doubled row can be told from a second plan.
    def _sp_plan(self, lines, person):
        r = self.random
        self.plan += 1
        start = self._day(500, 1)
        worker = self._pick(WORKERS)
        lines["sp.support_plan"].append(
            f"{self.plan}\t{person}\t{self._pick(GOALS)} (P{self.plan})\t{self._pick('AAAADCX')}\t{self.iso[start]}\t"
            f"{self.iso[start + 180]}\t{worker}\n")
        for step in range(1 + int(r() * 4)):
            lines["sp.support_action"].append(
                f"{self.plan}\t{self._pick(STEPS)} {step + 1}\t{worker}\t{self.iso[start + 14 * (step + 1)]}\t{self._pick('PPIDX')}\n")

    def _es_plan(self, lines, seeker, counsellor):
        r = self.random
        plan = self._uuid()
        start = self._day(500, 1)
        state = self._pick(["open", "open", "open", "reopened", "draft", "closed", "stopped"])
        lines["jobs.job_plan"].append(
            f"{plan}\t{seeker}\t{self._pick(GOALS)} (J{plan[:8]})\t{state}\t{self.german[start]}\t{self.iso[start + 90]}\t{counsellor}\n")
        for step in range(1 + int(r() * 4)):
            lines["jobs.plan_step"].append(
                f"{self._uuid()}\t{plan}\t{self._pick(STEPS)} {step + 1}\t{counsellor}\t{self.iso[start + 10 * (step + 1)]}\t"
                f"{self._pick(['todo', 'todo', 'doing', 'done', 'void'])}\n")

    def _text(self, shortest, longest):
        length = shortest + int(self.random() * (longest - shortest))
        offset = int(self.random() * (len(self.prose) - length))
        return self.prose[offset:offset + length]
