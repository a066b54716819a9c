-- An employment service's database: jobseekers, their history, what stands in the way of work and what was agreed.
-- It stands for an application of another maker: uuid keys, one quoted mixed-case table, dates as DD.MM.YYYY text,
-- contact data in one document, status letters of its own. No trigger, no extension.

CREATE SCHEMA jobs;

CREATE TABLE jobs."JobSeeker" (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    first_name    text NOT NULL,
    last_name     text NOT NULL,
    nin           text UNIQUE,
    gender        smallint CHECK (gender IN (0, 1, 2, 9)),   -- ISO 5218; this office uses 9 for diverse
    born          text CHECK (born ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'),
    contact       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(contact) = 'object'),
                  -- {"phone": {"mobile"}, "email", "address": {"street", "city", "zip"}}
    status        varchar(3) NOT NULL CHECK (status IN ('S', 'S2', 'A', 'AP', 'N', 'X', 'U')),
    "deceasedOn"  date,
    office        text NOT NULL,
    counsellor    text,
    household_ref text,                                      -- typed in from a letter, not mapped
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE jobs.employment (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seeker_id uuid NOT NULL REFERENCES jobs."JobSeeker",
    employer  text NOT NULL,
    job_title text,
    kind      smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),
    from_date date NOT NULL,
    to_date   date CHECK (to_date >= from_date)              -- empty: the job goes on
);

CREATE TABLE jobs.barrier (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seeker_id   uuid NOT NULL REFERENCES jobs."JobSeeker",
    kind        char(3) NOT NULL CHECK (kind IN ('LTU', 'ILL', 'ADD', 'DEB', 'LAN', 'SKL', 'QUA', 'HOM', 'SGL', 'TRA',
                                                 'FOO', 'OFF', 'CUL', 'DHM', 'MOT', 'VIO', 'OTH')),
    noted_on    date NOT NULL,
    resolved_on date CHECK (resolved_on >= noted_on),
    UNIQUE (seeker_id, kind)
);

CREATE TABLE jobs.job_plan (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seeker_id  uuid NOT NULL REFERENCES jobs."JobSeeker",
    goal       text NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('draft', 'open', 'reopened', 'closed', 'stopped')),
    "start"    text CHECK ("start" ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'),
    review_on  date,
    created_by text NOT NULL
);

CREATE TABLE jobs.plan_step (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    plan_id     uuid NOT NULL REFERENCES jobs.job_plan ON DELETE CASCADE,
    "stepTitle" text NOT NULL,
    responsible text,
    due         date,
    state       text NOT NULL DEFAULT 'todo' CHECK (state IN ('todo', 'doing', 'done', 'void'))
);

CREATE TABLE jobs.counselling_session (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seeker_id  uuid NOT NULL REFERENCES jobs."JobSeeker",
    counsellor text NOT NULL,
    held_at    timestamptz NOT NULL DEFAULT now(),
    notes      text NOT NULL                                 -- long: stored out of line
);

CREATE INDEX employment_seeker_idx ON jobs.employment (seeker_id);
CREATE INDEX job_plan_seeker_idx ON jobs.job_plan (seeker_id);
CREATE INDEX plan_step_plan_idx ON jobs.plan_step (plan_id);
CREATE INDEX counselling_session_seeker_idx ON jobs.counselling_session (seeker_id);
