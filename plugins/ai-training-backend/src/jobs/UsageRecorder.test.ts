import { metricsOf } from './UsageRecorder';

it('has the names of MLflow, one for each GPU, and none for what is not known', () => {
  expect(
    Object.fromEntries(
      metricsOf({
        cpuCores: 1.5,
        memoryBytes: 2 * 1024 ** 2,
        gpus: [
          { utilizationPercent: 87, memoryBytes: 4845 * 1024 ** 2 },
          { utilizationPercent: 0 },
          { memoryBytes: 0 },
        ],
      }),
    ),
  ).toEqual({
    cpu_utilization_percentage: 150,
    system_memory_usage_megabytes: 2,
    gpu_0_utilization_percentage: 87,
    gpu_0_memory_usage_megabytes: 4845,
    gpu_1_utilization_percentage: 0,
    gpu_2_memory_usage_megabytes: 0,
  });
  expect(metricsOf({})).toEqual([]);
  // What does nothing is measured, too.
  expect(metricsOf({ cpuCores: 0 })).toEqual([
    ['cpu_utilization_percentage', 0],
  ]);
});
