import { NotFoundError } from '@backstage/errors';
import {
  type AttemptEnd,
  type Cost,
  ENDED_PHASES,
  type JobAttempt,
  type JobEvent,
  type JobPage,
  type JobQuery,
  type JobState,
  type StopReason,
  type TrainerStatus,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { heldSeconds, takenSeconds } from '../costs/takenSeconds';
import { decodeCursor, encodeCursor } from '../cursor';

const DEFAULT_LIMIT = 50;
const MOST_EVENTS = 500;
const MOST_FORGOTTEN = 100;
const HOUR_SECONDS = 3_600;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A job as it is made. */
export type NewJobRow = Omit<
  TrainingJob,
  'attempts' | 'progress' | 'cost' | 'submittedAt'
> & { requestKey?: string };

/** A job that has not ended, as whoever looks after it has to know it. */
export interface OpenJob {
  id: string;
  /** The order in which jobs were submitted. */
  number: number;
  run: string;
  backend: string;
  team: string;
  template: string;
  priority: TrainingJob['priority'];
  flavor?: string;
  units: number;
  state: JobState;
  wish?: StopReason;
  retryAt?: Date;
  failures: number;
  retries: number;
  deadlineMinutes: number;
  submittedAt: Date;
  /** Milliseconds that the programs of earlier attempts have run. */
  ranMillis: number;
  attempt?: {
    number: number;
    startedAt: Date;
    runningAt?: Date;
    missingSince?: Date;
    /** Whether Kueue holds it: it has no units meanwhile. */
    isHeld: boolean;
    /** When Kueue let it go last; undefined where it never held it, or does. */
    heldUntil?: Date;
    /** How long Kueue has held it since its program first ran. */
    heldMillis: number;
    tokenNames: string[];
  };
}

/** What an attempt has, for its price. */
export interface AttemptTerms {
  backend: string;
  flavor: string;
  units: number;
  /** Of one of the flavor. */
  pricePerHour?: Cost;
}

interface JobRow {
  number: string;
  id: string;
  run_id: string;
  experiment: string;
  name: string;
  template: string;
  spec: TrainingJob['spec'];
  revision: string;
  source_digest: string;
  parameters: TrainingJob['parameters'];
  datasets: TrainingJob['datasets'];
  resources: TrainingJob['resources'];
  priority: TrainingJob['priority'];
  deadline_minutes: number;
  team: string;
  backend: string;
  state: JobState;
  progress: TrainerStatus | null;
  submitted_at: Date;
  submitted_by: string;
  clone_of: string | null;
  resume_of: string | null;
  attempts: AttemptRow[] | null;
}

interface AttemptRow {
  number: number;
  started_at: string;
  running_at: string | null;
  held_at: string | null;
  held_seconds: number;
  ended_at: string | null;
  outcome: AttemptEnd | null;
  log_path: string | null;
  log_bytes: number | null;
  units: number;
  price_per_hour: number | null;
  currency: string | null;
  taken_seconds: number;
}

/** SQL: since when Kueue holds an attempt `a`; null where it does not. */
const HELD_AT = `case when a.ended_at is null and upper_inf(a.held)
  then (select max(lower(part)) from unnest(a.held) as part) end`;

const COLUMNS = `
  j.*,
  (select json_agg(json_build_object(
     'number', a.number, 'started_at', a.started_at, 'running_at', a.running_at, 'ended_at', a.ended_at,
     'held_at', ${HELD_AT}, 'held_seconds', ${heldSeconds(
  'a',
  `coalesce(a.ended_at, ${HELD_AT}, clock_timestamp())`,
)},
     'outcome', a.outcome, 'log_path', a.log_path, 'log_bytes', a.log_bytes, 'units', a.units, 'price_per_hour', a.price_per_hour,
     'currency', a.currency, 'taken_seconds', ${takenSeconds()}) order by a.number)
   from training_attempts a where a.job = j.id) as attempts`;

/** The tables of jobs, their attempts, and the states they were in. */
export class JobStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @returns false where the caller's request was served before */
  async insert(tx: Knex.Transaction, job: NewJobRow): Promise<boolean> {
    const inserted = await tx('training_jobs')
      .insert({
        id: job.id,
        run_id: job.run,
        experiment: job.experiment,
        name: job.name,
        template: job.template,
        spec: JSON.stringify(job.spec),
        revision: job.revision,
        source_digest: job.sourceDigest,
        parameters: JSON.stringify(job.parameters),
        datasets: JSON.stringify(job.datasets),
        resources: JSON.stringify(job.resources),
        priority: job.priority,
        deadline_minutes: job.deadlineMinutes,
        team: job.team,
        backend: job.backend,
        state: JSON.stringify(job.state),
        request_key: job.requestKey ?? null,
        submitted_by: job.submittedBy,
        clone_of: job.cloneOf ?? null,
        resume_of: job.resumeOf ?? null,
      })
      .onConflict('request_key')
      .ignore()
      .returning('number');
    if (inserted.length === 0) return false;
    await this.#addEvent(tx, job.id, undefined, job.state);
    return true;
  }

  /** @throws NotFoundError when there is no such job */
  async get(id: string, tx: Knex = this.#knex): Promise<TrainingJob> {
    // PostgreSQL refuses to compare with what is none.
    const [job] = UUID.test(id)
      ? await this.#select(tx, 'j.id = ?::uuid', [id])
      : [];
    if (!job) throw unknownJob(id);
    return job;
  }

  async findByRequest(key: string): Promise<TrainingJob | undefined> {
    const [job] = await this.#select(this.#knex, 'j.request_key = ?', [key]);
    return job;
  }

  /** The one of a template that was submitted last with these parameters among its own. */
  async findNewest(query: {
    template: string;
    parameters: TrainingJob['parameters'];
  }): Promise<TrainingJob | undefined> {
    const [job] = await this.#select(
      this.#knex,
      'j.template = ? and j.parameters @> ?::jsonb order by j.number desc limit 1',
      [query.template, JSON.stringify(query.parameters)],
    );
    return job;
  }

  /** The jobs of runs, the newest of each. */
  async findByRun(run: string): Promise<TrainingJob | undefined> {
    const [job] = await this.#select(
      this.#knex,
      'j.run_id = ? order by j.number desc limit 1',
      [run],
    );
    return job;
  }

  /**
   * The one that was submitted last first.
   *
   * @param experiments - those whose jobs may be read; all when undefined
   */
  async list(
    query: JobQuery,
    isVisible?: (query: Knex.QueryBuilder) => void,
  ): Promise<JobPage> {
    const { limit = DEFAULT_LIMIT, phase, team, template, experiment } = query;
    const page = this.#knex('training_jobs as j')
      .join('experiments as e', 'e.id', 'j.experiment')
      .select(this.#knex.raw(COLUMNS))
      // In place of the whole: 200 jobs may have 16 KB of metrics each, which no list shows.
      .select(this.#knex.raw(`j.progress - 'metrics' as progress`))
      .orderBy('j.number', 'desc')
      .limit(limit + 1);
    if (phase?.length) page.whereIn('j.phase', phase);
    if (team !== undefined) page.where('j.team', team);
    if (template !== undefined) page.where('j.template', template);
    if (experiment !== undefined) page.where('j.experiment', experiment);
    if (isVisible) page.where(nested => isVisible(nested));
    if (query.cursor !== undefined) {
      const [number] = decodeCursor(query.cursor, 1);
      page.whereRaw('j.number < ?::bigint', [number]);
    }
    const rows: JobRow[] = await page;
    const last = rows.at(limit - 1);
    return {
      items: rows.slice(0, limit).map(toJob),
      ...(rows.length > limit &&
        last && { nextCursor: encodeCursor([last.number]) }),
    };
  }

  /** What happened to it, the first first; the last 500. */
  async listEvents(id: string): Promise<JobEvent[]> {
    const rows = await this.#knex('training_job_events')
      .where({ job: id })
      .orderBy('id', 'desc')
      .limit(MOST_EVENTS);
    return rows.reverse().map(row => ({
      id: Number(row.id),
      at: row.at.toISOString(),
      ...(row.attempt !== null && { attempt: row.attempt }),
      state: row.state,
    }));
  }

  /** All that have not ended, in the order in which they came, and the database's time. */
  async listOpen(): Promise<{ jobs: OpenJob[]; now: Date }> {
    const { rows } = await this.#knex.raw<{ rows: OpenRow[] }>(
      `select j.id, j.number::int, j.run_id, j.backend, j.team, j.template, j.priority,
         j.resources->>'flavor' as flavor,
         (j.resources->>'count')::int * (j.resources->>'nodes')::int as units,
         j.state, j.wish, j.retry_at, j.failures, (j.spec->>'retries')::int as retries,
         j.deadline_minutes, j.submitted_at, a.number as attempt, a.started_at, a.running_at, a.missing_since, upper_inf(a.held) as is_held, upper(a.held) as held_until,
         ${heldSeconds(
           'a',
           'clock_timestamp()',
         )} as held_seconds, a.token_names,
         coalesce(ran.millis, 0)::float8 as ran_millis
       from training_jobs j
       -- Most wait and have none: attempts are gone through once, and not once for each job.
       left join (
         select distinct on (job) * from training_attempts
         where ended_at is null and not is_released order by job, number desc) a on a.job = j.id
       left join (
         select tried.job, sum(extract(epoch from tried.ended_at - tried.running_at) - ${heldSeconds(
           'tried',
           'tried.ended_at',
         )}) * 1000 as millis
         from training_attempts tried join training_jobs open on open.id = tried.job
         where open.phase in ('queued', 'starting', 'running', 'stopping') and tried.ended_at is not null
           and tried.started_at >= coalesce(open.retried_at, '-infinity')
         group by tried.job) ran on ran.job = j.id
       where j.phase in ('queued', 'starting', 'running', 'stopping') order by j.number`,
    );
    const clock = await this.#knex.raw<{ rows: { now: Date }[] }>(
      'select clock_timestamp() as now',
    );
    return { jobs: rows.map(toOpenJob), now: clock.rows[0].now };
  }

  /** Gives a job another state, and remembers it. False where it is another way by now. */
  async setState(
    tx: Knex.Transaction,
    id: string,
    change: {
      /** Phase that it was seen in. */
      from: JobState['phase'];
      /**
       * Wish that it was seen with; null for none. What was decided without a wish that has come since
       * is not done. Undefined where it is no matter.
       */
      seenWish?: StopReason | null;
      state: JobState;
      attempt?: number;
      /** Whether it is remembered; it is unless something else is said. */
      isNews?: boolean;
      fields?: {
        wish?: StopReason | null;
        retryAt?: Date | null;
        failures?: number;
        /** Since now where true. */
        isRetried?: true;
      };
    },
  ): Promise<boolean> {
    const {
      from,
      seenWish,
      state,
      attempt,
      isNews = true,
      fields = {},
    } = change;
    const changed = await tx('training_jobs')
      .where({ id, phase: from })
      // Who has seen another attempt than the last one has seen what is over.
      .where(same =>
        attempt === undefined
          ? same
          : same.whereRaw(
              '? = (select max(number) from training_attempts where job = training_jobs.id)',
              [attempt],
            ),
      )
      .where(same =>
        seenWish === undefined
          ? same
          : same.whereRaw('wish is not distinct from ?::jsonb', [
              seenWish && JSON.stringify(seenWish),
            ]),
      )
      .update({
        state: JSON.stringify(state),
        ...('wish' in fields && {
          wish: fields.wish && JSON.stringify(fields.wish),
        }),
        ...('retryAt' in fields && { retry_at: fields.retryAt }),
        ...('failures' in fields && { failures: fields.failures }),
        ...(fields.isRetried && { retried_at: tx.raw('clock_timestamp()') }),
        ended_at: ENDED_PHASES.includes(state.phase)
          ? tx.raw('clock_timestamp()')
          : null,
      });
    if (changed === 0) return false;
    if (isNews) await this.#addEvent(tx, id, attempt, state);
    return true;
  }

  /**
   * Says of queued jobs why they wait, which is remembered the first 500 times; those that are not queued any more stay as they
   * are.
   */
  async setReasons(
    changes: readonly { id: string; state: JobState; isNews: boolean }[],
  ): Promise<void> {
    if (changes.length === 0) return;
    await this.#knex.raw(
      `with said as (
         select * from unnest(?::uuid[], ?::jsonb[], ?::boolean[]) as said (id, state, is_news)),
       changed as (
         update training_jobs j set state = said.state from said
         where j.id = said.id and j.phase = 'queued' returning j.id, j.state)
       insert into training_job_events (job, state)
       select changed.id, changed.state from changed join said on said.id = changed.id
       where said.is_news and (select count(*) from training_job_events where job = changed.id) < ?`,
      [
        changes.map(({ id }) => id),
        changes.map(({ state }) => JSON.stringify(state)),
        changes.map(({ isNews }) => isNews),
        MOST_EVENTS,
      ],
    );
  }

  /** Says that it is to end, also where it only makes room just now. False where it has ended, or is to already. */
  async setWish(
    tx: Knex.Transaction,
    id: string,
    wish: StopReason,
  ): Promise<boolean> {
    const changed = await tx('training_jobs')
      .where({ id })
      .whereIn('phase', ['queued', 'starting', 'running', 'stopping'])
      .where(open =>
        // What somebody wants goes before what the queue does.
        open.whereNull('wish').orWhereRaw(`wish->>'kind' = 'preempted'`),
      )
      .update({ wish: JSON.stringify(wish) });
    return changed > 0;
  }

  /** @returns the number of the attempt */
  async beginAttempt(
    tx: Knex.Transaction,
    job: string,
    terms: AttemptTerms,
  ): Promise<number> {
    const { backend, flavor, units, pricePerHour } = terms;
    const [{ number }] = await tx('training_attempts')
      .insert({
        job,
        number: tx.raw(
          '(select coalesce(max(number), 0) + 1 from training_attempts where job = ?)',
          [job],
        ),
        backend,
        flavor,
        units,
        price_per_hour: pricePerHour?.amount ?? null,
        currency: pricePerHour?.currency ?? null,
      })
      .returning('number');
    // What the last program said of itself says nothing of this one.
    await tx('training_jobs').where({ id: job }).update({ progress: null });
    return number;
  }

  async updateAttempt(
    id: { job: string; number: number },
    changes: {
      runningAt?: Date;
      /** Since now where true. */
      isMissing?: boolean;
      /** Kueue holds it, from now on; it does not any more, since a moment where that is known. */
      hold?: 'begins' | { endedAt?: Date };
      isReleased?: true;
      addToken?: string;
    },
    tx: Knex = this.#knex,
  ): Promise<void> {
    const { runningAt, isMissing, hold, isReleased, addToken } = changes;
    await tx('training_attempts')
      .where({ job: id.job, number: id.number })
      .update({
        ...(runningAt && {
          running_at: tx.raw('coalesce(running_at, ?)', [runningAt]),
        }),
        ...(isMissing !== undefined && {
          missing_since: isMissing ? tx.raw('clock_timestamp()') : null,
        }),
        ...(hold && { held: tx.raw(...heldAfter(hold)) }),
        ...(isReleased && { is_released: true }),
        ...(addToken !== undefined && {
          token_names: tx.raw('array_append(token_names, ?)', [addToken]),
        }),
      });
  }

  /** @returns names of the tokens that were lent to it */
  async endAttempt(
    tx: Knex.Transaction,
    id: { job: string; number: number },
    end: { outcome: AttemptEnd; logPath?: string; logBytes?: number },
  ): Promise<string[]> {
    const [ended] = await tx('training_attempts')
      .where({ job: id.job, number: id.number })
      .update({
        ended_at: tx.raw('clock_timestamp()'),
        outcome: JSON.stringify(end.outcome),
        log_path: end.logPath ?? null,
        log_bytes: end.logBytes ?? null,
      })
      .returning('token_names');
    return ended?.token_names ?? [];
  }

  /** Attempts that have ended and of which a backend may still have something. */
  async listUnreleased(): Promise<
    { job: string; number: number; backend: string }[]
  > {
    return this.#knex('training_attempts')
      .select('job', 'number', 'backend')
      .where({ is_released: false })
      .whereNotNull('ended_at');
  }

  async setProgress(id: string, progress: TrainerStatus): Promise<void> {
    await this.#knex('training_jobs')
      .where({ id })
      .update({ progress: JSON.stringify(progress) });
  }

  /** Jobs that ended before a moment and may have checkpoints, the oldest first, at most 100. */
  async listWithOldCheckpoints(
    before: Date,
  ): Promise<{ id: string; backend: string }[]> {
    return this.#knex('training_jobs')
      .select('id', 'backend')
      .where('are_checkpoints_kept', true)
      .where('ended_at', '<', before)
      .orderBy('ended_at')
      .limit(MOST_FORGOTTEN);
  }

  async setCheckpointsForgotten(id: string): Promise<void> {
    await this.#knex('training_jobs')
      .where({ id })
      .whereNotNull('ended_at')
      .update({ are_checkpoints_kept: false });
  }

  /** Which of the contents jobs that have not ended run. */
  async findUsedSources(digests: readonly string[]): Promise<string[]> {
    const { rows } = await this.#knex.raw<{ rows: { digest: string }[] }>(
      `select digest from unnest(?::text[]) as asked (digest)
       where exists (select from training_jobs where source_digest = digest)
          or exists (select from training_templates where source_digest = digest)`,
      [[...digests]],
    );
    return rows.map(({ digest }) => digest);
  }

  async #select(
    tx: Knex,
    where: string,
    values: readonly string[],
  ): Promise<TrainingJob[]> {
    const { rows } = await tx.raw<{ rows: JobRow[] }>(
      `select ${COLUMNS} from training_jobs j where ${where}`,
      values,
    );
    return rows.map(toJob);
  }

  async #addEvent(
    tx: Knex.Transaction,
    job: string,
    attempt: number | undefined,
    state: JobState,
  ): Promise<void> {
    await tx('training_job_events').insert({
      job,
      attempt: attempt ?? null,
      state: JSON.stringify(state),
    });
  }
}

/** SQL of when an attempt was held, after it has changed. Said twice it is the same. */
function heldAfter(
  hold: 'begins' | { endedAt?: Date },
): [sql: string, bindings: (Date | null)[]] {
  if (hold === 'begins') {
    // What Kueue holds first was made so: it never had anything.
    return [
      `case when upper_inf(held) then held
       else held + tstzmultirange(tstzrange(
         case when held = '{}' and running_at is null then started_at else clock_timestamp() end, null)) end`,
      [],
    ];
  }
  // A program that started before it was held was another one.
  return [
    `held * tstzmultirange(tstzrange(null, case
       when ?::timestamptz > (select max(lower(part)) from unnest(held) as part) then least(?::timestamptz, clock_timestamp())
       else clock_timestamp() end))`,
    [hold.endedAt ?? null, hold.endedAt ?? null],
  ];
}

interface OpenRow {
  id: string;
  number: number;
  run_id: string;
  backend: string;
  team: string;
  template: string;
  priority: TrainingJob['priority'];
  flavor: string | null;
  units: number;
  state: JobState;
  wish: StopReason | null;
  retry_at: Date | null;
  failures: number;
  retries: number;
  deadline_minutes: number;
  submitted_at: Date;
  attempt: number | null;
  started_at: Date;
  running_at: Date | null;
  missing_since: Date | null;
  is_held: boolean;
  held_until: Date | null;
  held_seconds: number;
  token_names: string[];
  ran_millis: number;
}

function toOpenJob(row: OpenRow): OpenJob {
  return {
    id: row.id,
    number: row.number,
    run: row.run_id,
    backend: row.backend,
    team: row.team,
    template: row.template,
    priority: row.priority,
    ...(row.flavor !== null && { flavor: row.flavor }),
    units: row.units,
    state: row.state,
    ...(row.wish && { wish: row.wish }),
    ...(row.retry_at && { retryAt: row.retry_at }),
    failures: row.failures,
    retries: row.retries,
    deadlineMinutes: row.deadline_minutes,
    submittedAt: row.submitted_at,
    ranMillis: row.ran_millis,
    ...(row.attempt !== null && {
      attempt: {
        number: row.attempt,
        startedAt: row.started_at,
        ...(row.running_at && { runningAt: row.running_at }),
        ...(row.missing_since && { missingSince: row.missing_since }),
        isHeld: row.is_held,
        ...(row.held_until && { heldUntil: row.held_until }),
        heldMillis: row.held_seconds * 1_000,
        tokenNames: row.token_names,
      },
    }),
  };
}

function toJob(row: JobRow): TrainingJob {
  const attempts = row.attempts ?? [];
  const cost = costOf(attempts);
  return {
    id: row.id,
    run: row.run_id,
    experiment: row.experiment,
    name: row.name,
    template: row.template,
    spec: row.spec,
    revision: row.revision,
    sourceDigest: row.source_digest,
    parameters: row.parameters,
    datasets: row.datasets,
    resources: row.resources,
    priority: row.priority,
    deadlineMinutes: row.deadline_minutes,
    team: row.team,
    backend: row.backend,
    state: row.state,
    attempts: attempts.map(toAttempt),
    ...(row.progress && { progress: row.progress }),
    ...(cost && { cost }),
    submittedAt: row.submitted_at.toISOString(),
    submittedBy: row.submitted_by,
    ...(row.clone_of && { cloneOf: row.clone_of }),
    ...(row.resume_of && { resumeOf: row.resume_of }),
  };
}

function toAttempt(row: AttemptRow): JobAttempt {
  const iso = (text: string) => new Date(text).toISOString();
  return {
    number: row.number,
    startedAt: iso(row.started_at),
    ...(row.running_at !== null && { runningAt: iso(row.running_at) }),
    ...(row.held_at !== null && { heldAt: iso(row.held_at) }),
    ...(row.held_seconds > 0 && { heldSeconds: row.held_seconds }),
    ...(row.ended_at !== null && { endedAt: iso(row.ended_at) }),
    ...(row.outcome && { end: row.outcome }),
    ...(row.log_path !== null && { logPath: row.log_path }),
    ...(row.log_bytes !== null && { logBytes: row.log_bytes }),
  };
}

/**
 * Undefined where no attempt has a price, or they have them in
 * several currencies, which make no sum.
 */
function costOf(attempts: readonly AttemptRow[]): Cost | undefined {
  const currencies = new Set(attempts.flatMap(one => one.currency ?? []));
  if (currencies.size > 1) return undefined;
  const priced = attempts.filter(({ price_per_hour: price }) => price !== null);
  if (priced.length === 0) return undefined;
  const amount = priced.reduce((sum, attempt) => {
    const hours = attempt.taken_seconds / HOUR_SECONDS;
    return sum + hours * attempt.units * attempt.price_per_hour!;
  }, 0);
  return { amount, currency: priced.at(-1)!.currency! };
}

export function unknownJob(id: string): NotFoundError {
  return new NotFoundError(`There is no training job '${id}'`);
}
