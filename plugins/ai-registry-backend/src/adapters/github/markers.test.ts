import { type Marked, Markers } from './markers';

const by = {
  name: 'Grace',
  email: 'user+default+grace@users.greenroom.invalid',
};
const marked: Marked = { kind: 'comment', by, id: '1' };
const where = 'pull 7';
const markers = new Markers({ key: 'one', repository: 'acme/environments' });

describe('Markers', () => {
  const signed = markers.sign('It is good.', marked, where);
  const read = (body: string, options = {}) =>
    markers.read(body, { where, isOurs: true, ...options });

  it('say for whom something was written, unseen by readers', () => {
    expect(signed).toMatch(/^It is good\.\n\n<!-- greenroom:\S+ -->$/);
    expect(read(signed)).toEqual({ text: 'It is good.', marked });
    expect(read(signed.replace(/\n/g, '\r\n'))).toMatchObject({ marked });
    expect(read('No marker')).toEqual({ text: 'No marker' });
  });

  it('count only where Greenroom wrote them, unchanged, for that place', () => {
    const other = new Markers({ key: 'two', repository: 'acme/environments' });
    const elsewhere = new Markers({ key: 'one', repository: 'acme/other' });
    for (const found of [
      read(signed, { isOurs: false }),
      read(signed, { where: 'pull 8' }),
      read(signed.replace('good', 'bad')),
      read(other.sign('It is good.', marked, where)),
      read(elsewhere.sign('It is good.', marked, where)),
    ]) {
      expect(found.marked).toBeUndefined();
      expect(found.text).not.toContain('<!--');
    }
  });

  it('cannot be written by anybody in what they say', () => {
    const approval: Marked = { kind: 'approval', by, id: '2', head: 'abc' };
    const inner = markers.sign('', approval, where);
    const outer = markers.sign(inner, marked, where);
    expect(read(outer).marked).toEqual(marked);
    // Not even when the marker at the end is taken away.
    expect(
      read(outer.slice(0, outer.lastIndexOf('<!--'))).marked,
    ).toBeUndefined();
  });

  it('leave the description to be edited, and who opened it as it was', () => {
    const opened: Marked = { kind: 'opened', by };
    const body = markers.sign('why', opened, where);
    expect(read(body.replace('why', 'why not'))).toEqual({
      text: 'why not',
      marked: opened,
    });
  });

  it('cut what is too long for GitHub', () => {
    const body = markers.sign('x'.repeat(100_000), marked, where);
    expect(body.length).toBeLessThan(65_536);
    expect(read(body)).toMatchObject({
      text: expect.stringContaining('the portal has all of it'),
      marked,
    });
  });
});
