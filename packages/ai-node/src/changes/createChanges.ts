import type { LoggerService } from '@backstage/backend-plugin-api';
import type express from 'express';
import type { Knex } from 'knex';
import { MonthlyPartitions } from '../database/MonthlyPartitions';
import { PollingLoop } from '../PollingLoop';
import { AuditReader } from './AuditReader';
import { ChangeLog } from './ChangeLog';
import {
  type AuditRouterOptions,
  createAuditRouter,
} from './createAuditRouter';
import { OutboxPublisher } from './OutboxPublisher';
import { AUDIT_TABLE } from './tables';

/** Announcements go out at once; the interval only matters after a crash. */
const PUBLISH_INTERVAL_MILLIS = 1_000;

/** Each commit gives reason to tell; what comes meanwhile is told together, and takes no time from the next change. */
const MOST_SHARE_OF_TELLING = 0.3;

/** How a plugin changes things, and all that follows from it. */
export interface Changes<Announcement extends object> {
  changes: ChangeLog<Announcement>;
  /** Tells of what was committed; to be started with the plugin. */
  announcing: PollingLoop;
  /** Makes room for the audit entries of the months to come and drops those that are too old. */
  maintainAudit(): Promise<void>;
  /** `GET /audit` on the plugin's own entries. */
  createAuditRouter(
    options: Omit<AuditRouterOptions, 'reader'>,
  ): express.Router;
}

/**
 * Builds a plugin's change log with its two readers: the outbox, whose announcements are sent
 * after each commit, and the audit log, which is ready to be written when this resolves.
 */
export async function createChanges<Announcement extends object>(options: {
  knex: Knex;
  logger: LoggerService;
  /** Tells it to everybody who waits for it; throws when it could not be told. */
  announce(announcement: Announcement): Promise<void>;
  audit: {
    /** Whole months of audit entries that are kept besides the current one. */
    keepMonths: number;
  };
}): Promise<Changes<Announcement>> {
  const { knex, logger, announce, audit } = options;
  const changes = new ChangeLog<Announcement>({ knex });
  const publisher = new OutboxPublisher({ knex, send: announce, logger });
  const announcing = new PollingLoop({
    name: 'Telling of changes',
    intervalMillis: PUBLISH_INTERVAL_MILLIS,
    mostShare: MOST_SHARE_OF_TELLING,
    logger,
    run: signal => publisher.publishPending(signal),
  });
  changes.onCommit(() => announcing.wake());
  const partitions = new MonthlyPartitions({
    knex,
    table: AUDIT_TABLE,
    ...audit,
  });
  await partitions.maintain();
  return {
    changes,
    announcing,
    async maintainAudit() {
      await partitions.maintain();
    },
    createAuditRouter: edge =>
      createAuditRouter({ ...edge, reader: new AuditReader({ knex }) }),
  };
}
