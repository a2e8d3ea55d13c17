import { mockServices } from '@backstage/backend-test-utils';
import { UpdateSignals } from './UpdateSignals';

const NEWS = { environment: 'production', model: 'digits' };

describe('UpdateSignals', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function create(publish: jest.Mock) {
    const logger = mockServices.logger.mock();
    const signals = new UpdateSignals({
      signals: { publish },
      logger,
      clock: () => new Date(),
    });
    return { signals, logger };
  }

  it('sends the first news at once, and gathers the rest of each second', () => {
    const publish = jest.fn().mockResolvedValue(undefined);
    const { signals } = create(publish);
    for (const version of [1, 3, 2, 3]) signals.notify({ ...NEWS, version });
    signals.notify({ ...NEWS, model: 'diabetes', version: 1 });
    const told = () =>
      publish.mock.calls.map(([{ message }]) => [
        message.model,
        message.versions,
      ]);
    expect(told()).toEqual([
      ['digits', [1]],
      ['diabetes', [1]],
    ]);
    jest.advanceTimersByTime(1_000);
    expect(told().slice(2)).toEqual([['digits', [2, 3]]]);
    jest.advanceTimersByTime(1_000);
    signals.notify({ ...NEWS, version: 1 });
    expect(told().slice(3)).toEqual([['digits', [1]]]);
    signals.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('goes on when nobody can be told', async () => {
    const publish = jest.fn().mockRejectedValue(new Error('no bus'));
    const { signals, logger } = create(publish);
    signals.notify({ ...NEWS, version: 1 });
    await jest.advanceTimersByTimeAsync(0);
    expect(logger.warn).toHaveBeenCalledWith(
      'Open pages could not be told of new records',
      expect.objectContaining({ message: 'no bus' }),
    );
    signals.stop();
  });
});
