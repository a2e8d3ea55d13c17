import { setTimeout } from 'node:timers/promises';
import { LoadMeter } from './LoadMeter';

const opened: LoadMeter[] = [];
afterEach(() => opened.splice(0).forEach(meter => meter.close()));

describe('LoadMeter', () => {
  it('counts requests and processor time since the last report', async () => {
    let requests = 0;
    const meter = new LoadMeter({
      requestsInFlight: () => 3,
      requestsQueued: () => 0,
      requests: () => requests,
    });
    opened.push(meter);
    requests = 600;
    await setTimeout(600);
    const first = meter.read();
    expect(first.requestsInFlight).toBe(3);
    expect(first.requestsPerSecond).toBeGreaterThan(300);
    expect(first.requestsPerSecond).toBeLessThanOrEqual(1_001);
    expect(first.memoryBytes).toBeGreaterThan(1_000_000);
    expect(first.cpuShare).toBeGreaterThanOrEqual(0);
    // Asked again at once it says the same, instead of noise.
    expect(meter.read().requestsPerSecond).toBe(first.requestsPerSecond);
    await setTimeout(600);
    expect(meter.read().requestsPerSecond).toBe(0);
  });

  it('gives the mean of what was in flight between reports, and not of one moment', async () => {
    let busy = true;
    const meter = new LoadMeter({
      requestsInFlight: () => (busy ? 40 : 0),
      requestsQueued: () => (busy ? 10 : 0),
      requests: () => 0,
    });
    opened.push(meter);
    expect(meter.read()).not.toHaveProperty('meanRequestsInFlight');
    await setTimeout(350);
    busy = false;
    await setTimeout(350);
    const load = meter.read();
    expect(load.requestsInFlight).toBe(0);
    expect(load.meanRequestsInFlight).toBeGreaterThan(0);
    expect(load.meanRequestsInFlight).toBeLessThan(40);
    expect(load.meanRequestsQueued).toBeCloseTo(
      load.meanRequestsInFlight! / 4,
      2,
    );
  });
});
