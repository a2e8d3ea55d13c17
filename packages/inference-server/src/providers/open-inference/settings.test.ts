import { openInferenceSettings } from './settings';

const reasonFor = (settings: object) =>
  openInferenceSettings.safeParse(settings).error?.issues[0].message;

it.each([
  { baseUrl: 'http://triton:8000' },
  { baseUrl: 'https://proxy/serving/', protocol: 'rest' },
  { baseUrl: 'grpc://triton:8001', protocol: 'grpc' },
  { baseUrl: 'grpcs://triton', protocol: 'grpc' },
  { baseUrl: 'http://triton:8001/', protocol: 'grpc' },
])('takes %j', settings => {
  expect(reasonFor(settings)).toBeUndefined();
});

it.each([
  [{ baseUrl: 'triton:8001' }, 'http(s) URL'],
  [{ baseUrl: 'grpc://triton:8001' }, 'protocol: grpc beside it'],
  [{ baseUrl: 'ftp://triton', protocol: 'grpc' }, 'begins with grpc://'],
  [{ baseUrl: 'grpc://triton:8001/v2', protocol: 'grpc' }, 'without a path'],
  [{ baseUrl: 'grpc://me:pw@triton', protocol: 'grpc' }, 'without a name'],
  [{ baseUrl: 'http://me:pw@triton' }, 'without a name'],
  [{ baseUrl: 'http://triton', protocol: 'soap' }, '"rest"|"grpc"'],
])('refuses %j', (settings, reason) => {
  expect(reasonFor(settings)).toContain(reason);
});
