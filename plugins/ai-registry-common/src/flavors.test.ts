import { ConfigReader } from '@backstage/config';
import { readFlavors } from './flavors';

const read = (...flavors: object[]) =>
  readFlavors(new ConfigReader({ greenroom: { flavors } }));

it('reads what one of a kind is, where it is and what it costs', () => {
  expect(
    read(
      {
        name: 'a100',
        title: 'NVIDIA A100',
        resources: { 'nvidia.com/gpu': 1, cpu: '8', memory: '64Gi' },
        nodeSelector: { 'nvidia.com/gpu.product': 'A100' },
        tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
        runtimeClass: 'nvidia',
        pricePerHour: 3.2,
        currency: 'EUR',
        capacity: 16,
      },
      { name: 'small', resources: { cpu: '500m' } },
    ),
  ).toEqual([
    {
      name: 'a100',
      title: 'NVIDIA A100',
      resources: { 'nvidia.com/gpu': '1', cpu: '8', memory: '64Gi' },
      nodeSelector: { 'nvidia.com/gpu.product': 'A100' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      runtimeClass: 'nvidia',
      pricePerHour: { amount: 3.2, currency: 'EUR' },
      capacity: 16,
    },
    { name: 'small', title: 'small', resources: { cpu: '500m' } },
  ]);
  expect(readFlavors(new ConfigReader({}))).toEqual([]);
});

const GPU = { name: 'a100', resources: { 'nvidia.com/gpu': 1 } };

it.each([
  [{ resources: { cpu: '1' } }, 'flavors[0].name is not set'],
  [{ ...GPU, name: 'A 100' }, "flavors[0].name is 'A 100'"],
  [{ name: 'a100' }, 'flavors[0].resources names nothing'],
  [{ name: 'a100', resources: [1] }, 'flavors[0].resources: expected values'],
  [
    { name: 'a100', resources: { memory: '64 GB' } },
    'flavors[0].resources[\'memory\'] is "64 GB"',
  ],
  [
    { ...GPU, tolerations: [{ effect: 'NoSchedule' }] },
    'flavors[0].tolerations[0].key is not set',
  ],
  [
    { ...GPU, tolerations: [{ key: 'gpu', effect: 'Never' }] },
    "flavors[0].tolerations[0].effect is 'Never': expected NoSchedule",
  ],
  [{ ...GPU, nodeSelector: { gpu: true } }, "nodeSelector['gpu'] is true"],
  [{ ...GPU, pricePerHour: -1 }, 'flavors[0].pricePerHour is -1'],
  [{ ...GPU, pricePerHour: 1, currency: '$' }, "flavors[0].currency is '$'"],
  [{ ...GPU, capacity: 0.5 }, 'flavors[0].capacity is 0.5'],
])('refuses %j and names the setting', (flavor, message) => {
  expect(() => read(flavor)).toThrow(message);
});

it('refuses two of the same name', () => {
  expect(() => read(GPU, GPU)).toThrow(
    "greenroom.flavors[1].name is 'a100', as that of another one",
  );
});
