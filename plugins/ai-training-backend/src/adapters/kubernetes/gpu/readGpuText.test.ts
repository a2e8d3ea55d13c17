import { readGpuText } from './readGpuText';

/** As the exporter writes it for a node with a training pod, a pod of others, and a GPU that nobody has. */
const TEXT = `# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-1",container="trainer",namespace="training",pod="training-1-0-x"} 1410
# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-1",container="trainer",namespace="training",pod="training-1-0-x"} 87
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-f3a2185e-464d-c671-4057-0d056df64b6e",device="nvidia1",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-1",container="main",namespace="others",pod="web"} 5
DCGM_FI_DEV_GPU_UTIL{gpu="2",UUID="GPU-6ae74b72-48d0-f09f-14e2-4e09ceebda63",device="nvidia2",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-1",container="",namespace="",pod=""} 0
# HELP DCGM_FI_DEV_FB_USED Framebuffer memory used (in MiB).
# TYPE DCGM_FI_DEV_FB_USED gauge
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-1",container="trainer",namespace="training",pod="training-1-0-x"} 4845
`;

it('knows which pod has which GPU, how busy it is, and how much of its memory is used', () => {
  expect(readGpuText(TEXT)).toEqual([
    {
      namespace: 'training',
      pod: 'training-1-0-x',
      device: 'node-1/0000/',
      utilizationPercent: 87,
      memoryBytes: 4845 * 1024 ** 2,
    },
    {
      namespace: 'others',
      pod: 'web',
      device: 'node-1/0001/',
      utilizationPercent: 5,
    },
  ]);
});

it('leaves out what the exporter does not know, which it says as a number', () => {
  const blank = (name: string) =>
    `${name}{gpu="0", UUID="GPU-1",namespace="a",pod="b"} 9223372036854775794\n`;
  expect(
    readGpuText(blank('DCGM_FI_DEV_GPU_UTIL') + blank('DCGM_FI_DEV_FB_USED')),
  ).toEqual([]);
});

it('takes the activity of parts of a GPU, where nothing else is measured', () => {
  const part = (id: number, value: number) =>
    `DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",GPU_I_PROFILE="1g.10gb",GPU_I_ID="${id}",namespace="a",pod="b"} ${value}\n`;
  const both = `DCGM_FI_DEV_GPU_UTIL{gpu="1",namespace="a",pod="b"} 40
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="1",namespace="a",pod="b"} 0.9
`;
  expect(
    readGpuText(part(7, 0.25) + part(8, 1) + both).map(
      ({ device, utilizationPercent }) => [device, utilizationPercent],
    ),
  ).toEqual([
    ['/0000/7', 25],
    ['/0000/8', 100],
    ['/0001/', 40],
  ]);
});

it.each([
  '',
  'no metrics at all',
  'DCGM_FI_DEV_GPU_UTIL 5',
  'DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="a",pod="b"} NaN',
  'DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="a",pod="b"} -1',
  'DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="a",pod="b"',
])('understands nothing of %j', text => {
  expect(readGpuText(text)).toEqual([]);
});

it('takes names that a Prometheus has put aside for its own', () => {
  const [reading] = readGpuText(
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="gpu-operator",pod="dcgm-x",exported_namespace="a",exported_pod="b"} 3',
  );
  expect(reading).toMatchObject({ namespace: 'a', pod: 'b' });
});
