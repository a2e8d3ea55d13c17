import { firstCurves, systemCharts } from './systemCharts';

const looks = (...keys: string[]) =>
  systemCharts(keys.map(key => `system/${key}`)).map(
    ({ title, unit, lines }) =>
      `${title} ${unit}: ${lines.map(({ label }) => label || '-').join(' | ')}`,
  );

describe('systemCharts', () => {
  it('puts what MLflow’s client measures in charts of one thing and one unit', () => {
    expect(
      looks(
        'network_transmit_megabytes',
        'network_receive_megabytes',
        'gpu_10_utilization_percentage',
        'gpu_2_utilization_percentage',
        'gpu_0_memory_usage_megabytes',
        'gpu_0_memory_usage_percentage',
        'gpu_0_power_usage_watts',
        'disk_usage_megabytes',
        'disk_available_megabytes',
        'disk_usage_percentage',
        'system_memory_usage_megabytes',
        'system_memory_usage_percentage',
        'cpu_utilization_percentage',
      ),
    ).toEqual([
      'CPU %: -',
      'Memory %: -',
      'Memory MB: -',
      'GPU %: GPU 2 | GPU 10',
      'GPU memory %: GPU 0',
      'GPU memory MB: GPU 0',
      'GPU power W: GPU 0',
      'Disk %: used',
      'Disk MB: free | used',
      'Network MB: received | sent',
    ]);
  });

  it('tells nodes apart, and shows what it does not know', () => {
    expect(
      looks(
        'node-1/cpu_utilization_percentage',
        'node-0/cpu_utilization_percentage',
        'node-0/gpu_0_utilization_percentage',
        'fan_speed',
      ),
    ).toEqual([
      'CPU %: node-0 | node-1',
      'GPU %: node-0, GPU 0',
      'fan_speed : -',
    ]);
    expect(systemCharts(['loss', 'systematic/error'])).toEqual([]);
  });
});

describe('firstCurves', () => {
  it('leaves out what would be too much to draw', () => {
    const charts = systemCharts([
      'system/gpu_0_utilization_percentage',
      'system/gpu_1_utilization_percentage',
      ...Array.from({ length: 1_000 }, (_, at) => `system/own_${at}`),
    ]);
    expect(charts).toHaveLength(1_001);
    const counts = (most: number) =>
      firstCurves(charts, most).map(({ lines }) => lines.length);
    expect(counts(1)).toEqual([1]);
    expect(counts(4)).toEqual([2, 1, 1]);
    expect(firstCurves(charts, 5_000)).toEqual(charts);
  });
});
