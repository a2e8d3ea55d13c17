import { setTimeout } from 'node:timers/promises';
import { LoadMeter } from './LoadMeter';

describe('LoadMeter', () => {
  it('counts requests and processor time since the last report', async () => {
    let requests = 0;
    const meter = new LoadMeter({
      requestsInFlight: () => 3,
      requests: () => requests,
    });
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
});
