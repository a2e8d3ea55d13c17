/** What the DNS of a cluster does, for a process of a test: GREENROOM_TEST_NAMES has addresses by the names of Services, as JSON. */
const dns = require('node:dns');

const names = JSON.parse(process.env.GREENROOM_TEST_NAMES ?? '{}');
const { lookup } = dns;
dns.lookup = (name, options, callback) => {
  const found = names[name];
  if (found === undefined) return lookup(name, options, callback);
  const answer = callback ?? options;
  if (options?.all) return answer(null, [{ address: found, family: 4 }]);
  return answer(null, found, 4);
};
