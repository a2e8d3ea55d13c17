import { TestApiProvider } from '@backstage/frontend-test-utils';
import { signalApiRef } from '@backstage/plugin-signals-react';
import type { JsonObject } from '@backstage/types';
import { act, renderHook } from '@testing-library/react';
import type { PropsWithChildren } from 'react';
import { LiveOptions, useLive } from './useLive';

/** Signals that the test sends by hand. */
function fakeSignals() {
  const listeners = new Map<string, Set<(message: JsonObject) => void>>();
  return {
    send: (channel: string, message: JsonObject) =>
      listeners.get(channel)?.forEach(listener => listener(message)),
    count: (channel: string) => listeners.get(channel)?.size ?? 0,
    api: {
      subscribe: <T extends JsonObject>(
        channel: string,
        listener: (message: T) => void,
      ) => {
        const all = listeners.get(channel) ?? new Set();
        all.add(listener as (message: JsonObject) => void);
        listeners.set(channel, all);
        return {
          unsubscribe: () =>
            all.delete(listener as (message: JsonObject) => void),
        };
      },
    },
  };
}

describe('useLive', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const pass = (millis: number) =>
    act(() => jest.advanceTimersByTimeAsync(millis));

  function renderLive(
    load: (signal: AbortSignal) => Promise<string>,
    options: LiveOptions<JsonObject, string> = {},
  ) {
    const signals = fakeSignals();
    const wrapper = ({ children }: PropsWithChildren<{}>) => (
      <TestApiProvider apis={[[signalApiRef, signals.api]]}>
        {children}
      </TestApiProvider>
    );
    const hook = renderHook(
      ({ id }: { id: string }) => useLive(load, [id], options),
      { wrapper, initialProps: { id: 'a' } },
    );
    return { ...hook, signals };
  }

  it('loads, asks again by itself, and keeps the old value when that fails', async () => {
    const load = jest
      .fn()
      .mockResolvedValueOnce('first')
      .mockRejectedValueOnce(new Error('away'))
      .mockResolvedValueOnce('third');
    const { result } = renderLive(load, { pollMillis: 5_000 });
    expect(result.current).toMatchObject({ loading: true, value: undefined });
    await pass(0);
    expect(result.current).toMatchObject({ loading: false, value: 'first' });
    await pass(5_000);
    expect(result.current.value).toBe('first');
    expect(result.current.error?.message).toBe('away');
    await pass(5_000);
    expect(result.current).toMatchObject({ value: 'third', error: undefined });
  });

  it('asks more often while something goes on, and loads nothing twice when that ends', async () => {
    const load = jest
      .fn()
      .mockResolvedValueOnce('goes on')
      .mockRejectedValueOnce(new Error('away'))
      .mockResolvedValue('rests');
    renderLive(load, {
      pollMillis: value => (value === 'goes on' ? 1_000 : 60_000),
    });
    await pass(0);
    // What failed says nothing of it: it still goes on.
    await pass(1_000);
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(3);
    await pass(59_000);
    expect(load).toHaveBeenCalledTimes(3);
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(4);
  });

  it('loads once for a burst of signals that concern it, and for no other', async () => {
    const load = jest.fn().mockResolvedValue('value');
    const { signals } = renderLive(load, {
      channel: 'models',
      matches: message => message.model === 'digits',
      pollMillis: 60_000,
    });
    await pass(2_000);
    expect(load).toHaveBeenCalledTimes(1);
    signals.send('models', { model: 'diabetes' });
    await pass(2_000);
    expect(load).toHaveBeenCalledTimes(1);
    signals.send('models', { model: 'digits' });
    signals.send('models', { model: 'digits' });
    await pass(2_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('loads after the running load when a signal came meanwhile', async () => {
    let finish: (value: string) => void = () => {};
    const load = jest
      .fn()
      .mockReturnValueOnce(
        new Promise<string>(resolve => {
          finish = resolve;
        }),
      )
      .mockResolvedValue('fresh');
    const { result, signals } = renderLive(load, {
      channel: 'models',
      pollMillis: 60_000,
    });
    signals.send('models', {});
    await pass(3_000);
    expect(load).toHaveBeenCalledTimes(1);
    finish('stale');
    await pass(1_500);
    expect(load).toHaveBeenCalledTimes(2);
    expect(result.current.value).toBe('fresh');
  });

  it('drops the value of other dependencies, and stops when it is taken away', async () => {
    const seen: AbortSignal[] = [];
    const load = jest.fn(async (signal: AbortSignal) => {
      seen.push(signal);
      return `value ${seen.length}`;
    });
    const { result, rerender, unmount, signals } = renderLive(load, {
      channel: 'models',
    });
    await pass(0);
    rerender({ id: 'b' });
    expect(result.current).toMatchObject({ loading: true, value: undefined });
    expect(seen[0].aborted).toBe(true);
    await pass(0);
    expect(result.current.value).toBe('value 2');
    expect(signals.count('models')).toBe(1);
    unmount();
    expect(signals.count('models')).toBe(0);
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('waits while the page is hidden, and asks when it is shown again', async () => {
    const load = jest.fn().mockResolvedValue('value');
    renderLive(load, { pollMillis: 5_000 });
    await pass(0);
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    await pass(20_000);
    expect(load).toHaveBeenCalledTimes(1);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
    hidden.mockRestore();
  });
});
