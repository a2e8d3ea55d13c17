/** What one GPU, or one part of it, does for a pod. */
export interface GpuReading {
  namespace: string;
  pod: string;
  /** Tells it from the others of its pod, the same each time, and sorts as they are numbered. */
  device: string;
  /** 0 to 100. */
  utilizationPercent?: number;
  memoryBytes?: number;
}

const MEBIBYTE = 1024 ** 2;
/** Names of what is read, as DCGM has them; what is later in the list is used where nothing else is known. */
const UTILIZATION = 'DCGM_FI_DEV_GPU_UTIL';
/** From 0 to 1: all that is known of parts of a GPU (MIG). */
const ENGINE_ACTIVE = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';
/** In MiB. */
const MEMORY_USED = 'DCGM_FI_DEV_FB_USED';
/** What is larger is how DCGM says that it does not know: 2^63 and a little less. */
const MOST_MEBIBYTES = 2 ** 40;
const LINE = /^([A-Za-z_:][\w:]*)\{(.*)\}\s+(\S+)/;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * GPUs that pods have, by the text of NVIDIA's DCGM exporter. GPUs that no pod has are left out, and what is not
 * understood.
 *
 * @param text - in Prometheus' format
 */
export function readGpuText(text: string): GpuReading[] {
  const readings = new Map<string, GpuReading>();
  const activity = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, labelText = '', valueText] = LINE.exec(line) ?? [];
    if (![UTILIZATION, ENGINE_ACTIVE, MEMORY_USED].includes(name)) continue;
    const labels = labelsOf(labelText);
    const value = Number(valueText);
    // A Prometheus between has labels of its own, and renames those.
    const namespace = labels.exported_namespace || labels.namespace;
    const pod = labels.exported_pod || labels.pod;
    if (!namespace || !pod || !Number.isFinite(value) || value < 0) continue;
    const device = [
      labels.Hostname ?? '',
      (labels.gpu ?? '').padStart(4, '0'),
      labels.GPU_I_ID ?? '',
    ].join('/');
    const key = `${namespace}/${pod}/${device}`;
    const reading = readings.get(key) ?? { namespace, pod, device };
    readings.set(key, reading);
    if (name === UTILIZATION && value <= 100) {
      reading.utilizationPercent = value;
    } else if (name === ENGINE_ACTIVE && value <= 1) {
      activity.set(key, value * 100);
    } else if (name === MEMORY_USED && value <= MOST_MEBIBYTES) {
      reading.memoryBytes = value * MEBIBYTE;
    }
  }
  for (const [key, reading] of readings) {
    reading.utilizationPercent ??= activity.get(key);
  }
  return [...readings.values()].filter(
    ({ utilizationPercent, memoryBytes }) =>
      utilizationPercent !== undefined || memoryBytes !== undefined,
  );
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name, value]) => [
      name,
      value.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter)),
    ]),
  );
}
