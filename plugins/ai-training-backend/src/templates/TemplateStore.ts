import { NotFoundError } from '@backstage/errors';
import type {
  TemplateLocation,
  TemplateSpec,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import type { ReadTemplate } from './TemplateReader';

interface TemplateRow {
  name: string;
  owner: string;
  spec: TemplateSpec;
  location: TemplateLocation;
  revision: string;
  source_digest: string;
  read_at: Date;
  problem: string | null;
  registered_by: string;
}

/** The table of templates. */
export class TemplateStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** By name. */
  async list(tx: Knex = this.#knex): Promise<TrainingTemplate[]> {
    const rows: TemplateRow[] = await tx('training_templates').orderBy('name');
    return rows.map(toTemplate);
  }

  async find(
    name: string,
    tx: Knex = this.#knex,
  ): Promise<TrainingTemplate | undefined> {
    const row = await tx('training_templates').where({ name }).first();
    return row && toTemplate(row);
  }

  /** @throws NotFoundError when there is no such template */
  async get(name: string, tx: Knex = this.#knex): Promise<TrainingTemplate> {
    const template = await this.find(name, tx);
    if (template) return template;
    throw new NotFoundError(`There is no training template '${name}'`);
  }

  /**
   * As permissions have them: those that are gone are known by their newest job, so that whoever owned one can still
   * say what happens to its jobs.
   */
  async getMany(
    names: readonly string[],
  ): Promise<(TrainingTemplate | undefined)[]> {
    const { rows } = await this.#knex.raw<{ rows: TemplateRow[] }>(
      `select t.name, t.owner, t.spec, t.location, t.revision, t.source_digest, t.read_at, t.problem, t.registered_by
       from training_templates t where t.name = any(?)
       union all
       select asked.name, j.spec->>'owner', j.spec, '{}', j.revision, j.source_digest, j.submitted_at, null, j.submitted_by
       from unnest(?::text[]) as asked (name)
       join lateral (
         select * from training_jobs where template = asked.name order by number desc limit 1) j on true
       where not exists (select from training_templates t where t.name = asked.name)`,
      [[...names], [...names]],
    );
    const found = new Map(rows.map(row => [row.name, toTemplate(row)]));
    return names.map(name => found.get(name));
  }

  async put(
    tx: Knex.Transaction,
    template: ReadTemplate & { location: TemplateLocation; actor: string },
  ): Promise<void> {
    const { spec, location, revision, sourceDigest, actor } = template;
    const read = {
      owner: spec.owner,
      spec: JSON.stringify(spec),
      location: JSON.stringify(location),
      revision,
      source_digest: sourceDigest,
      problem: null,
      read_at: tx.raw('clock_timestamp()'),
      tried_at: tx.raw('clock_timestamp()'),
    };
    await tx('training_templates')
      .insert({ ...read, name: spec.name, registered_by: actor })
      .onConflict('name')
      .merge(read);
  }

  /** That it was tried, and why it failed. */
  async setProblem(name: string, problem: string | null): Promise<void> {
    await this.#knex('training_templates')
      .where({ name })
      .update({ problem, tried_at: this.#knex.raw('clock_timestamp()') });
  }

  async delete(tx: Knex.Transaction, name: string): Promise<void> {
    await tx('training_templates').where({ name }).delete();
  }
}

function toTemplate(row: TemplateRow): TrainingTemplate {
  return {
    spec: row.spec,
    location: row.location,
    revision: row.revision,
    sourceDigest: row.source_digest,
    readAt: row.read_at.toISOString(),
    ...(row.problem !== null && { problem: row.problem }),
    registeredBy: row.registered_by,
  };
}
