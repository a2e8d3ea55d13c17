// @ts-check
const fs = require('node:fs');
const path = require('node:path');

/**
 * Why a program cannot be started; undefined where it can.
 *
 * @param {string} name - as a command has it
 * @param {{ folder: string, searched: string }} where - relative paths begin in the folder, names are looked for in `searched`
 * @returns {string | undefined}
 */
function problemWithProgram(name, { folder, searched }) {
  if (name.includes('/')) {
    const file = path.resolve(folder, name);
    if (!fs.existsSync(file))
      return `There is no program ${name} in the source`;
    return isProgram(file)
      ? undefined
      : `${name} is not an executable file: make it one, or name what runs it, such as python3`;
  }
  return findOnPath(name, searched)
    ? undefined
    : `There is no program ${name} on this machine: its PATH was searched`;
}

/**
 * @param {string} name
 * @param {string} searched - folders, as PATH has them
 * @returns {string | undefined}
 */
function findOnPath(name, searched) {
  return searched
    .split(path.delimiter)
    .filter(folder => folder !== '')
    .map(folder => path.join(folder, name))
    .find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

module.exports = { findOnPath, problemWithProgram };
