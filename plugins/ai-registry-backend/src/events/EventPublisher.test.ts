import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { EventParams } from '@backstage/plugin-events-node';
import type { SignalPayload } from '@backstage/plugin-signals-node';
import {
  TOPIC_ENVIRONMENT_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { migrateTestDatabase } from '../__testUtils__/migrateTestDatabase';
import { ChangeLog } from './ChangeLog';
import { EventPublisher } from './EventPublisher';
import type { Announcement } from './registryEvent';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('EventPublisher', () => {
  let knex: Knex;
  let changes: ChangeLog;
  let events: EventParams[];
  let signals: SignalPayload[];
  let failures: number;

  beforeAll(async () => {
    knex = await databases.init('POSTGRES_18');
    await migrateTestDatabase(knex);
    changes = new ChangeLog({ knex });
  });

  beforeEach(async () => {
    await knex('event_outbox').delete();
    events = [];
    signals = [];
    failures = 0;
  });

  const createPublisher = () =>
    new EventPublisher({
      knex,
      events: mockServices.events.mock({
        publish: async event => {
          if (failures > 0) {
            failures -= 1;
            throw new Error('bus is down');
          }
          events.push(event);
        },
      }),
      signals: {
        publish: async signal => {
          signals.push(signal);
        },
      },
    });

  const record = (...announce: Announcement[]) =>
    changes.transaction(tx =>
      changes.record(tx, {
        action: 'model-updated',
        model: 'digits',
        actor: 'user:default/ada',
        announce,
      }),
    );

  const updated = (model: string): Announcement => ({
    type: 'model-changed',
    model,
    action: 'updated',
  });

  it('tells each kind to those who wait for it', async () => {
    const environmentChanged: Announcement = {
      type: 'environment-changed',
      environment: 'production',
      model: 'digits',
    };
    const promotionChanged: Announcement = {
      type: 'promotion-changed',
      promotionId: 'p1',
      model: 'digits',
    };
    await record(updated('digits'), environmentChanged, promotionChanged);
    await createPublisher().publishPending();
    expect(events).toEqual([
      { topic: TOPIC_MODEL_CHANGED, eventPayload: updated('digits') },
      { topic: TOPIC_ENVIRONMENT_CHANGED, eventPayload: environmentChanged },
    ]);
    expect(signals.map(({ channel, message }) => [channel, message])).toEqual([
      ['ai-registry', updated('digits')],
      ['ai-registry', promotionChanged],
    ]);
  });

  it('keeps what could not be sent and sends it later', async () => {
    await record(updated('digits'));
    const publisher = createPublisher();
    failures = 1;
    await expect(publisher.publishPending()).rejects.toThrow('bus is down');
    expect(events).toEqual([]);
    await publisher.publishPending();
    await publisher.publishPending();
    expect(events).toHaveLength(1);
  });

  it('sends each one once and in order when several replicas publish', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `m${index}`);
    await record(...names.map(updated));
    await createPublisher().publishPending();
    expect(events.map(({ eventPayload }) => eventPayload)).toEqual(
      names.map(updated),
    );
    events = [];
    await record(...names.map(updated));
    await Promise.all([
      createPublisher().publishPending(),
      createPublisher().publishPending(),
    ]);
    expect(events).toHaveLength(250);
  });

  it('says nothing of a change that was rolled back', async () => {
    const listener = jest.fn();
    const log = new ChangeLog({ knex });
    log.onCommit(listener);
    await expect(
      log.transaction(async tx => {
        await log.record(tx, {
          action: 'model-updated',
          model: 'digits',
          actor: 'user:default/ada',
          announce: [updated('digits')],
        });
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    await createPublisher().publishPending();
    expect(events).toEqual([]);
    expect(listener).not.toHaveBeenCalled();
  });
});
