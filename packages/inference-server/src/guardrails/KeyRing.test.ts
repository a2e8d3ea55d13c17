import { keyOf } from '../testing/fixtures';
import { KeyRing } from './KeyRing';

it('takes changes: new keys, changed ones, and those that are taken back', () => {
  const ring = new KeyRing();
  ring.change({ keys: [keyOf('a', ['one']), keyOf('b', ['*'])], revoked: [] });
  expect(ring.find('Bearer a')?.mayCall('one')).toBe(true);
  ring.change({ keys: [keyOf('a', ['two'])], revoked: ['id-of-b', 'other'] });
  expect(ring.find('Bearer a')?.mayCall('one')).toBe(false);
  expect(ring.find('a')?.mayCall('two')).toBe(true);
  expect(ring.find('b')).toBeUndefined();
});

it('forgets what a key was, also when its text was recognised before', () => {
  const ring = new KeyRing();
  ring.change({ keys: [keyOf('old', ['*'])], revoked: [] });
  expect(ring.find('old')).toBeDefined();
  const renewed = { ...keyOf('new', ['*']), id: 'id-of-old' };
  ring.change({ keys: [renewed], revoked: [] });
  expect(ring.find('old')).toBeUndefined();
  expect(ring.find('new')).toBeDefined();
});
