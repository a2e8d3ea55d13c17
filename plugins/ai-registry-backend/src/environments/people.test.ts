import { portalEmail, userOfPortalEmail } from './people';

describe('people', () => {
  it.each(['user:default/ada', 'user:my-space/ada.l_1'])(
    'finds %s again behind its portal email',
    ref => {
      expect(userOfPortalEmail(portalEmail(ref))).toBe(ref);
      expect(userOfPortalEmail(portalEmail(ref).toUpperCase())).toBe(ref);
    },
  );

  it.each([
    'ada@example.com',
    'ada',
    '',
    'user+default+ada@example.com',
    'user+default@users.greenroom.invalid',
    'greenroom@users.greenroom.invalid',
    portalEmail('service:external:ci'),
  ])('finds nobody behind %j', email => {
    expect(userOfPortalEmail(email)).toBeUndefined();
  });
});
