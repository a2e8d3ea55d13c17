// @ts-check

/**
 * What failed, for the end of a long output, where it is looked for: the output itself is tens of thousands of lines.
 *
 * @typedef {{ name: string, says: string }} Failure - a test, and the beginning of what it said
 */

/** Of the message of one failure: enough to know it, not the whole stack. */
const MOST_LINES = 12;
const MOST_CHARACTERS = 900;

/**
 * @param {string} text - with or without colors
 * @returns {string}
 */
function shorten(text) {
  const lines = withoutColors(text)
    .split('\n')
    .filter(line => line.trim() !== '');
  return lines.slice(0, MOST_LINES).join('\n').slice(0, MOST_CHARACTERS);
}

function withoutColors(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/**
 * @param {{ testResults: { name: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[] }} report - that Jest writes with `--json`
 * @param {string} root
 * @returns {Failure[]}
 */
export function failuresOfJest(report, root) {
  return report.testResults.flatMap(({ name, message, assertionResults }) => {
    const file = name.replace(`${root}/`, '');
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && assertionResults.length === 0) {
      // A file that could not be run at all.
      return message ? [{ name: file, says: shorten(message) }] : [];
    }
    return failed.map(({ fullName, failureMessages }) => ({
      name: `${file}: ${fullName}`,
      says: shorten(failureMessages.join('\n')),
    }));
  });
}

/**
 * @param {{ suites?: any[], errors: { message?: string }[] }} report - that Playwright writes with its reporter `json`
 * @returns {Failure[]}
 */
export function failuresOfPlaywright({ suites = [], errors }) {
  const ofSuite = suite => [
    ...(suite.suites ?? []).flatMap(ofSuite),
    ...(suite.specs ?? [])
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) => ({
        name: `${file}: ${title}`,
        says: shorten(
          tests
            .flatMap(({ results }) => results)
            .flatMap(result => result.errors)
            .map(({ message }) => message ?? '')
            .join('\n'),
        ),
      })),
  ];
  return [
    ...suites.flatMap(ofSuite),
    ...errors.map(({ message = '' }) => ({
      name: 'the browser tests',
      says: shorten(message),
    })),
  ];
}

/**
 * @param {string} output - of Node's test runner with its reporter `spec`, which repeats at its end what failed
 * @returns {Failure[]}
 */
export function failuresOfNode(output) {
  const [, repeated] = withoutColors(output).split('✖ failing tests:\n');
  if (!repeated) return [];
  return repeated
    .split(/^test at /m)
    .slice(1)
    .map(text => {
      const [place, ...rest] = text.split('\n');
      return { name: place.trim(), says: shorten(rest.join('\n')) };
    });
}

/**
 * @param {string} output - of the drills, each of whose checks is a line
 * @returns {Failure[]}
 */
export function failuresOfDrills(output) {
  return withoutColors(output)
    .split('\n')
    .filter(line => line.trimStart().startsWith('✗'))
    .map(line => ({
      name: line.trim().slice(1).trim().slice(0, MOST_CHARACTERS),
      says: '',
    }));
}

/**
 * @param {string} name
 * @param {string} output - of a tool that says at its end what is wrong
 * @returns {Failure}
 */
export function failureOfTool(name, output) {
  const lines = withoutColors(output)
    .split('\n')
    .filter(line => line.trim() !== '');
  return { name, says: lines.slice(-MOST_LINES).join('\n') };
}
