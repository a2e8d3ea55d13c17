import { ConfigReader } from '@backstage/config';
import { readQuotas } from './readQuotas';

const FLAVORS = [{ name: 'a100' }, { name: 'small' }];
const QUOTA = { team: 'group:default/vision', flavor: 'a100', nominal: 4 };

const read = (...quotas: object[]) =>
  readQuotas(new ConfigReader({ aiTraining: { quotas } }), FLAVORS);

it('reads what each team has of its own, and may borrow', () => {
  expect(
    read(
      { ...QUOTA, borrow: 0, weight: 2.5 },
      { ...QUOTA, flavor: 'small' },
      { team: 'Group:default/Text', flavor: 'a100', nominal: 0 },
    ),
  ).toEqual([
    { ...QUOTA, borrow: 0, weight: 2.5 },
    { ...QUOTA, flavor: 'small', weight: 1 },
    { team: 'group:default/text', flavor: 'a100', nominal: 0, weight: 1 },
  ]);
  expect(readQuotas(new ConfigReader({}), [])).toEqual([]);
});

it.each([
  [{ ...QUOTA, team: undefined }, 'aiTraining.quotas[0].team is not set'],
  [
    { ...QUOTA, team: 'vision' },
    "quotas[0].team is 'vision': expected the ref",
  ],
  [{ ...QUOTA, team: 'component:default/x' }, 'quotas[0].team is'],
  [{ ...QUOTA, flavor: undefined }, 'quotas[0].flavor is not set'],
  [
    { ...QUOTA, flavor: 'h100' },
    "quotas[0].flavor is 'h100': expected one of greenroom.flavors: a100, small",
  ],
  [{ ...QUOTA, nominal: undefined }, 'quotas[0].nominal is not set'],
  [{ ...QUOTA, nominal: -1 }, 'quotas[0].nominal is -1'],
  [{ ...QUOTA, nominal: 1.5 }, 'quotas[0].nominal is 1.5'],
  [{ ...QUOTA, borrow: -1 }, 'quotas[0].borrow is -1'],
  [
    { ...QUOTA, weight: 0 },
    'quotas[0].weight is 0: expected a number from 0.001 to 1000000; for a team that is to borrow nothing set aiTraining.quotas[0].borrow to 0',
  ],
])('refuses %j and names the setting', (quota, message) => {
  expect(() => read(quota)).toThrow(message);
});

it('refuses two for the same team and flavor', () => {
  expect(() => read(QUOTA, { ...QUOTA, flavor: 'small' }, QUOTA)).toThrow(
    'aiTraining.quotas[2] is for group:default/vision and a100, as aiTraining.quotas[0]',
  );
});

it('says so where there are no flavors', () => {
  expect(() =>
    readQuotas(new ConfigReader({ aiTraining: { quotas: [QUOTA] } }), []),
  ).toThrow('expected one of greenroom.flavors, which has none');
});
