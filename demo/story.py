"""The story of one household, in steps. Each step changes rows as the agencies' own programs do and shows what came of it."""

from support.workload import ES_EDITS, SP_EDITS, Workload

from probe import measure, percentile
from proof import recorded_tokens, wait_until_quiet

MOTHER, CHILD = "2026-0815", "2026-0816"
# Not notes: they are not shared, and their long texts are not in the ledger. Not e-mail addresses: one on hold would not
# travel, and the probe measures with them.
EDITS = (SP_EDITS.keys() | ES_EDITS.keys()) - {"note", "email"}
PROBE_EDITS = 200
PROBE_PEOPLE = 20


def first_contact(stage, people):
    terminal = stage.terminal
    terminal.step("Two agencies that look after the same people, and the bridge between them")
    counts = {agency: stage.rows(agency, f"SELECT count(*) FROM {table}")[0][0]
              for agency, table in (("sp", "sp.person"), ("es", 'jobs."JobSeeker"'))}
    before = stage.ledger.compare()
    terminal.say(f"""Social protection (sp) knows {counts['sp']} people, the employment service (es) {counts['es']}
        jobseekers, {before.linked} of whom are the same people. Each has its own server, schema, keys and codes.""")
    terminal.command("casebridge setup")
    stage.bridge.command("setup")
    terminal.command("casebridge run &")
    stage.bridge.start()
    stage.until("both agencies are surveyed", lambda: _surveyed(stage), 60 + people / 50, interval=0.5)
    wait_until_quiet(stage, "after the first survey", 60 + people / 50)
    after = stage.ledger.compare()
    referred = stage.rows("es", """SELECT count(*) FROM jobs."JobSeeker" WHERE created_by = 'casebridge'""")[0][0]
    held = stage.bridge.status()["holds"]
    terminal.say(f"""Both are surveyed without stopping their work. {referred} able-bodied people of working age without work were
        referred to es, {after.plans} plans and {after.activities} steps are now joint. {held} fields differed before
        casebridge came and no rule may choose without a time: they wait for a person, nothing is overwritten.""")


def _surveyed(stage):
    agencies = stage.bridge.status()["agencies"]
    return len(agencies) == 2 and all(a["tables"] == a["tables_surveyed"] > 0 for a in agencies.values())


def registration(stage):
    terminal = stage.terminal
    terminal.step("A household is registered at sp; its able-bodied member appears at es")
    household = stage.edit("sp", """
        INSERT INTO sp.household (reference_no, street, city, postal_code, poverty_score, registered_on)
        VALUES ('DEMO-1', 'Lindenstraße 7', 'Köln', '50674', 71.5, current_date) RETURNING id""")[0][0]
    stage.edit("sp", """
        INSERT INTO sp.person (household_id, full_name, sex, birth_date, national_id, phone, street, city, postal_code,
          able_bodied, employment_status, case_worker)
        VALUES (%(household)s, 'Haddad, Samira', 'F', (current_date - interval '34 years')::date, %(mother)s,
          '+49151000001', 'Lindenstraße 7', 'Köln', '50674', true, 'UE', 'a.keller'),
          (%(household)s, 'Haddad, Karim', 'M', (current_date - interval '9 years')::date, %(child)s,
          NULL, 'Lindenstraße 7', 'Köln', '50674', false, 'OL', 'a.keller')""",
               {"household": household, "mother": MOTHER, "child": CHILD})
    stage.until("the able-bodied member is a jobseeker at es", lambda: _seeker(stage, MOTHER))
    terminal.table(("sp.person.id", "full_name", "birth_date", "sex", "able_bodied", "status", "at es"), [
        (*row, "jobseeker" if _seeker(stage, national_id) else "no row") for *row, national_id in stage.rows("sp", """
                SELECT id, full_name, birth_date, sex, able_bodied, employment_status, national_id FROM sp.person
                 WHERE household_id = %s ORDER BY id""", (household,))])
    terminal.table(('jobs."JobSeeker".id', "last_name", "first_name", "born", "status", "created_by"),
                   stage.rows("es", """SELECT id, last_name, first_name, born, status, created_by
                                         FROM jobs."JobSeeker" WHERE nin IN (%s, %s)""", (MOTHER, CHILD)))
    terminal.say("""create_when in es.mapping.jsonc: able-bodied, unemployed or seeking, 18 to 64 years old. The child stays
        where it is, and so does the ability to work itself: no agreement shares it.""")
    stage.expect(not _seeker(stage, CHILD), "the child became a jobseeker")


def _seeker(stage, person):
    return stage.rows("es", 'SELECT id FROM jobs."JobSeeker" WHERE nin = %s', (person,))


def joint_plan(stage):
    terminal = stage.terminal
    terminal.step("One joint plan: each case worker edits it in their own program")
    plan = stage.edit("sp", """
        INSERT INTO sp.support_plan (person_id, goal, start_date, next_review, opened_by)
        SELECT id, 'Work as a nurse', current_date, current_date + 90, 'a.keller' FROM sp.person
         WHERE national_id = %s RETURNING id""", (MOTHER,))[0][0]
    stage.edit("sp", """INSERT INTO sp.support_action (plan_id, title, owner, due_date)
                        VALUES (%s, 'Find a day nursery', 'a.keller', current_date + 14)""", (plan,))
    job_plan = stage.until("the plan and its step are at es", lambda: stage.rows("es", """
        SELECT j.id FROM jobs.job_plan j JOIN jobs."JobSeeker" p ON p.id = j.seeker_id
          JOIN jobs.plan_step s ON s.plan_id = j.id WHERE p.nin = %s""", (MOTHER,)))[0][0]
    stage.edit("es", """INSERT INTO jobs.plan_step (plan_id, "stepTitle", responsible, due)
                        VALUES (%s, 'Have the diploma recognised', 'd.weiß', current_date + 30)""", (job_plan,))
    stage.edit("es", """UPDATE jobs.plan_step SET state = 'doing'
                         WHERE plan_id = %s AND "stepTitle" = 'Find a day nursery'""", (job_plan,))
    stage.until("both edits of es are at sp", lambda: stage.rows("sp", """
        SELECT 1 FROM sp.support_action WHERE plan_id = %s HAVING count(*) = 2 AND bool_or(status = 'I')""", (plan,)))
    terminal.table(("sp.support_action", "title", "owner", "due_date", "status"), stage.rows("sp", """
        SELECT id, title, owner, due_date, status FROM sp.support_action WHERE plan_id = %s ORDER BY id""", (plan,)))
    terminal.table(("jobs.plan_step", "stepTitle", "responsible", "due", "state"), stage.rows("es", """
        SELECT id, "stepTitle", responsible, due, state FROM jobs.plan_step WHERE plan_id = %s ORDER BY due""", (job_plan,)))
    return plan, job_plan


def concurrent_edit(stage):
    terminal = stage.terminal
    terminal.step("Both edit the same field without knowing of each other: a rule decides")
    phones = [("before", *_phones(stage))]
    terminal.say("The daemon is held up (SIGSTOP), so neither agency sees the other's edit. Rule for phone: latest.")
    stage.bridge.hold_up()
    try:
        at = stage.edit("sp", """UPDATE sp.person SET phone = '+49151000022', updated_at = now()
                                  WHERE national_id = %s RETURNING clock_timestamp()""", (MOTHER,))[0][0]
        stage.edit("sp", """UPDATE sp.person SET email = 'samira@example.org', updated_at = now()
                             WHERE national_id = %s""", (MOTHER,))
        # Two edits within the second by which the clocks may differ would be held.
        stage.until("the clock of es is well past the edit at sp", lambda: stage.rows(
            "es", "SELECT 1 WHERE clock_timestamp() > %s + interval '1.5 seconds'", (at,)))
        stage.edit("es", """UPDATE jobs."JobSeeker" SET contact = jsonb_set(contact, '{phone,mobile}', '"+49151000033"')
                             WHERE nin = %s""", (MOTHER,))
        phones.append(("both edited", *_phones(stage)))
    finally:
        stage.bridge.let_go()
    stage.until("the later phone number and the e-mail address are at both agencies",
                lambda: _phones(stage) == ("+49151000033", "samira@example.org") * 2)
    phones.append(("merged", *_phones(stage)))
    terminal.table(("", "phone at sp", "e-mail at sp", "phone at es", "e-mail at es"), phones)
    terminal.say("The daemon goes on. Another field of the same row is no conflict. What the hub has recorded:")
    conflicts = stage.until("the conflict is recorded", lambda: _conflicts(stage, "phone"))
    terminal.table(("field", "conflict", "rule", "verdict", "versions"), conflicts)


def _phones(stage):
    (sp,), (es,) = (
        stage.rows("sp", "SELECT phone, email FROM sp.person WHERE national_id = %s", (MOTHER,)),
        stage.rows("es", """SELECT contact #>> '{phone,mobile}', contact ->> 'email' FROM jobs."JobSeeker"
                             WHERE nin = %s""", (MOTHER,)))
    return (*sp, *es)


def _conflicts(stage, unit):
    return stage.hub("""
        SELECT c.unit, c.type, c.rule, c.verdict,
               (SELECT string_agg(format('%%s: %%s', v ->> 'author', v -> 'value' ->> c.unit), ', ' ORDER BY v -> 'seq')
                  FROM jsonb_array_elements(c.versions -> 'versions') v)
          FROM casebridge.conflict c JOIN casebridge.record r ON r.id = c.record
         WHERE r.golden ->> 'national_id' = %s AND c.unit = %s ORDER BY c.seq""", (MOTHER, unit))


def disputed_edit(stage, plan, job_plan):
    terminal = stage.terminal
    terminal.step("A disputed field is held for a person; everything else goes on")
    states = [("before", *_plan(stage, plan, job_plan))]
    terminal.say("Held up again. Rule for the state of a plan: hold.")
    stage.bridge.hold_up()
    try:
        stage.edit("sp", "UPDATE sp.support_plan SET status = 'C' WHERE id = %s", (plan,))
        stage.edit("es", "UPDATE jobs.job_plan SET state = 'stopped' WHERE id = %s", (job_plan,))
        states.append(("both edited", *_plan(stage, plan, job_plan)))
    finally:
        stage.bridge.let_go()
    held = stage.until("the state of the plan is held", lambda: stage.hub("""
        SELECT r.id, h.unit, c.type, c.rule, c.verdict FROM casebridge.hold h JOIN casebridge.record r ON r.id = h.record
          JOIN casebridge.conflict c ON c.record = h.record AND c.unit = h.unit
          JOIN casebridge.link l ON l.record = r.id AND l.agency = 'sp' AND l.table_name LIKE '%%support_plan%%'
         WHERE l.local_key = %s""", (str(plan),)))
    terminal.table(("record", "field", "conflict", "rule", "verdict"), held[:1])
    stage.edit("es", "UPDATE jobs.job_plan SET goal = 'Work as a nurse, part time' WHERE id = %s", (job_plan,))
    stage.until("another field of the same plan still flows",
                lambda: _plan(stage, plan, job_plan)[1] == "Work as a nurse, part time")
    states.append(("held", *_plan(stage, plan, job_plan)))
    terminal.table(("", "status at sp", "goal at sp", "state at es", "goal at es"), states)
    terminal.say("Both sides keep what they have. Completed or stopped is for the two case workers to settle.")
    stage.expect(_plan(stage, plan, job_plan)[::2] == ("C", "stopped"), "a held field was overwritten")


def _plan(stage, plan, job_plan):
    (sp,), (es,) = (stage.rows("sp", "SELECT status, goal FROM sp.support_plan WHERE id = %s", (plan,)),
                    stage.rows("es", "SELECT state, goal FROM jobs.job_plan WHERE id = %s", (job_plan,)))
    return (*sp, *es)


def killed_daemon(stage):
    terminal = stage.terminal
    terminal.step("The daemon is killed in the middle of the work; nothing is lost, nothing is doubled")
    # Few edits while few people are linked, or everybody would edit the same person.
    workload = Workload(stage.world, seed=stage.world.seed, hot=1000, kinds=EDITS)
    linked = stage.ledger.compare().linked
    part = min(100, 20 + linked)
    with workload.running(per_second=100):
        workload.wait_for_edits(part, 60)
        pid, code = stage.bridge.pid, stage.bridge.kill()
        terminal.command(f"kill -9 {pid}")
        stage.expect(code == -9, "the daemon ended before it was killed")
        workload.wait_for_edits(2 * part, 60)
        away = len(workload.committed)
        terminal.say(f"{away} edits so far by two programs that never stop, some of them while nobody reads.")
        terminal.command("casebridge run &")
        stage.bridge.start()
        workload.wait_for_edits(away + part, 60)
    wait_until_quiet(stage, "after the restart", 30)
    made = set(workload.tokens())
    seen = stage.ledger.committed()
    lost = stage.ledger.lost(recorded=recorded_tokens(stage))
    doubled = stage.ledger.doubled()
    terminal.table(("edits made", "seen by the ledger", "lost", "rows doubled"),
                   [(len(made), len(made & seen), len(lost), len(doubled))])
    stage.expect(made <= seen, f"the ledger missed {len(made - seen)} edits")
    stage.expect(not lost, f"{len(lost)} edits are nowhere, the first is {lost[:1]}")
    stage.expect(not doubled, f"{len(doubled)} rows are there twice, such as {doubled[:1]}")


def latency(stage):
    """Returns the milliseconds of every probe edit, sorted."""
    terminal = stage.terminal
    terminal.step("How long does an edit take to the other agency?")
    people = [row[0] for row in stage.rows("es", """
        SELECT nin FROM jobs."JobSeeker" WHERE created_by = 'casebridge' AND nin IS NOT NULL
         ORDER BY nin = %s DESC, nin LIMIT %s""", (MOTHER, PROBE_PEOPLE))]
    milliseconds = measure(stage.world, people, PROBE_EDITS, 30)
    terminal.say(f"""{PROBE_EDITS} edits, one after the other, half of them at each agency. From before the UPDATE is sent to
        one until a NOTIFY of the committed row is heard from the other; the daemon is not asked.""")
    terminal.table(("edits", "fastest", "p50", "p90", "p99", "slowest"), [(
        PROBE_EDITS, *(f"{value:.1f} ms" for value in (
            milliseconds[0], *(percentile(milliseconds, share) for share in (0.5, 0.9, 0.99)), milliseconds[-1])))])
    return milliseconds
