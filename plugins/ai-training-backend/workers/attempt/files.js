// @ts-check
const fs = require('node:fs');
const path = require('node:path');

/** What is left of a full disk for the words that say so. */
const RESERVE_BYTES = 64 * 1024;

/**
 * Reads a file that may not be there.
 *
 * @param {string} file
 * @returns {any} undefined where there is none, or one that a broken machine left half of
 */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Whoever reads it sees the old one or the new one.
 *
 * @param {string} file
 * @param {unknown} value
 */
function writeJson(file, value) {
  const next = writeBeside(file, value);
  fs.renameSync(next, file);
}

/**
 * @param {string} file
 * @param {unknown} value
 * @returns {boolean} false where there was one before, which stays as it is
 */
function writeJsonOnce(file, value) {
  const next = writeBeside(file, value);
  try {
    fs.linkSync(next, file);
    return true;
  } catch (error) {
    if (Object(error).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(next, { force: true });
  }
}

/**
 * @param {string} file
 * @param {unknown} value
 */
function writeBeside(file, value) {
  const next = `${file}.${process.pid}`;
  fs.writeFileSync(next, JSON.stringify(value), { mode: 0o600 });
  return next;
}

/** @param {string} folder */
function reserve(folder) {
  fs.writeFileSync(reserveOf(folder), Buffer.alloc(RESERVE_BYTES, 1));
}

/** @param {string} folder */
function freeReserve(folder) {
  fs.rmSync(reserveOf(folder), { force: true });
}

/** @param {string} folder */
function reserveOf(folder) {
  return path.join(folder, 'reserve');
}

module.exports = { freeReserve, readJson, reserve, writeJson, writeJsonOnce };
