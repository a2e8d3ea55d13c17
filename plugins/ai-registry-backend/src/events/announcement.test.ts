import { mockServices } from '@backstage/backend-test-utils';
import type { EventParams } from '@backstage/plugin-events-node';
import type { SignalPayload } from '@backstage/plugin-signals-node';
import {
  TOPIC_ENVIRONMENT_CHANGED,
  TOPIC_DATASET_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import { type Announcement, createAnnouncer } from './announcement';

describe('createAnnouncer', () => {
  it('tells each kind to those who wait for it', async () => {
    const events: EventParams[] = [];
    const signals: SignalPayload[] = [];
    const announce = createAnnouncer({
      events: mockServices.events.mock({
        publish: async event => {
          events.push(event);
        },
      }),
      signals: {
        publish: async signal => {
          signals.push(signal);
        },
      },
    });
    const modelChanged: Announcement = {
      type: 'model-changed',
      model: 'digits',
      action: 'updated',
    };
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
    const datasetChanged: Announcement = {
      type: 'dataset-changed',
      dataset: 'capitals',
      action: 'version-created',
    };
    await announce(modelChanged);
    await announce(datasetChanged);
    await announce(environmentChanged);
    await announce(promotionChanged);
    expect(events).toEqual([
      { topic: TOPIC_MODEL_CHANGED, eventPayload: modelChanged },
      { topic: TOPIC_DATASET_CHANGED, eventPayload: datasetChanged },
      { topic: TOPIC_ENVIRONMENT_CHANGED, eventPayload: environmentChanged },
    ]);
    expect(signals.map(({ channel, message }) => [channel, message])).toEqual([
      ['ai-registry', modelChanged],
      ['ai-registry', datasetChanged],
      ['ai-registry', promotionChanged],
    ]);
  });
});
