import type { Knex } from 'knex';

/** What tells whether documents that were built before are still right. */
export interface DocumentVersions {
  /** By environment; none for one without deployments. Equal texts mean equal routes. */
  routes: Map<string, string>;
  /** By environment: the times that checks of connections were asked for. */
  checks: Map<string, number>;
  /** The last change of a key. */
  access: number;
}

interface VersionsRow {
  /** bigint arrives as text. */
  access: string;
  routes: Record<string, string> | null;
  checks: Record<string, number> | null;
}

/** Notices changes of what data planes are told, whichever process made them. */
export class ChangeStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * One query without the contents. A change raises the number of a deployment, so that also
   * those which are committed out of order change the sum.
   */
  async readVersions(): Promise<DocumentVersions> {
    const { rows } = await this.#knex.raw<{ rows: VersionsRow[] }>(
      `select
         (select coalesce(max(change_id), 0) from api_keys) as access,
         (select json_object_agg(environment, version) from (
            select environment, concat_ws('/', count(*), sum(change_id), max(change_id),
              (select count(*) from served_versions),
              (select md5(string_agg(concat_ws('/', model, version, deprecation), ',' order by model, version))
               from deprecations where deprecation is not null)) as version
            from deployments group by environment
          ) as each_environment) as routes,
         (select json_object_agg(environment, attempts) from (
            select environment, sum(check_attempts) as attempts from connections group by environment
          ) as each_check) as checks`,
    );
    const [{ access, routes, checks }] = rows;
    return {
      access: Number(access),
      routes: new Map(Object.entries(routes ?? {})),
      checks: new Map(Object.entries(checks ?? {})),
    };
  }
}
