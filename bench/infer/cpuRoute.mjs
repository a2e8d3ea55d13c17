// @ts-check
/** Answers `GET /metrics` with the process's CPU time, as the inference-server does. */
export function cpuText() {
  const { user, system } = process.cpuUsage();
  return `process_cpu_seconds_total ${(user + system) / 1e6}\n`;
}
