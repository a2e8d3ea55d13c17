import type { CoreV1Event } from '@kubernetes/client-node';
import { selectEvents } from './selectEvents';

const at = (second: number) => new Date(Date.UTC(2026, 4, 3, 12, 0, second));

function event(
  kind: string,
  name: string,
  rest: Partial<CoreV1Event> = {},
): CoreV1Event {
  return {
    metadata: { name: `${name}.1` },
    involvedObject: { kind, name },
    type: 'Normal',
    reason: 'Told',
    message: 'Something',
    count: 1,
    lastTimestamp: at(1),
    ...rest,
  };
}

const select = (events: CoreV1Event[], most = 50) =>
  selectEvents(events, { names: ['greenroom-live'], most });

describe('selectEvents', () => {
  it('takes what is about the environment, and nothing of one whose name begins alike', () => {
    const { events } = select([
      event('Deployment', 'greenroom-live'),
      event('HorizontalPodAutoscaler', 'greenroom-live'),
      event('ReplicaSet', 'greenroom-live-5d9c7'),
      event('Pod', 'greenroom-live-5d9c7-x2v4k'),
      event('Deployment', 'greenroom-live-eu'),
      event('ReplicaSet', 'greenroom-live-eu-5d9c7'),
      event('Pod', 'greenroom-live-eu-5d9c7-x2v4k'),
      event('Pod', 'greenroom-lively-5d9c7-x2v4k'),
      event('Pod', 'other'),
      event('Secret', 'greenroom-live'),
    ]);
    expect(events.map(({ about }) => about)).toEqual([
      'Deployment greenroom-live',
      'HorizontalPodAutoscaler greenroom-live',
      'ReplicaSet greenroom-live-5d9c7',
      'Pod greenroom-live-5d9c7-x2v4k',
    ]);
  });

  it('tells the same once, with how often and when last, whichever way the cluster counts', () => {
    const pod = (rest: Partial<CoreV1Event>) =>
      event('Pod', 'greenroom-live-5d9c7-x2v4k', rest);
    const { events } = select([
      pod({ count: 3, lastTimestamp: at(5) }),
      pod({ count: 2, lastTimestamp: at(2) }),
      pod({
        type: 'Warning',
        message: 'Of a series',
        count: undefined,
        lastTimestamp: undefined,
        eventTime: at(3),
        series: { count: 7, lastObservedTime: at(9) },
      }),
      pod({
        message: 'Told once',
        count: undefined,
        lastTimestamp: undefined,
        eventTime: at(4),
      }),
    ]);
    expect(
      events.map(({ message, type, count, lastSeenAt }) => [
        message,
        type,
        count,
        lastSeenAt,
      ]),
    ).toEqual([
      ['Of a series', 'Warning', 7, at(9).toISOString()],
      ['Something', 'Normal', 5, at(5).toISOString()],
      ['Told once', 'Normal', 1, at(4).toISOString()],
    ]);
  });

  it('gives the newest, no more than that, and says that there are others', () => {
    const many = Array.from({ length: 55 }, (_, index) =>
      event('Deployment', 'greenroom-live', {
        message: `message ${index}`,
        lastTimestamp: at(index),
      }),
    );
    const { events, hasMore } = select(many);
    expect(events).toHaveLength(50);
    expect(events[0].message).toBe('message 54');
    expect(hasMore).toBe(true);
    expect(select(many.slice(0, 50)).hasMore).toBe(false);
  });

  it('shortens a message that is as long as a page', () => {
    const [{ message }] = select([
      event('Deployment', 'greenroom-live', { message: 'x'.repeat(5_000) }),
    ]).events;
    expect(message).toHaveLength(1_004);
  });
});
