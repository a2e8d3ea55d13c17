// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { readZipEntry } from './unzip.mjs';

/** An archive as ZIP writes it, with a comment, and extra fields where the format has room for them. */
function zip(files) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, text, method] of files) {
    const content = Buffer.from(text);
    const packed = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(2, 30);
    entry.writeUInt16LE(3, 32);
    entry.writeUInt32LE(at, 42);
    const whole = Buffer.concat([
      local,
      Buffer.from(`${name}\0\0\0\0`),
      packed,
    ]);
    parts.push(whole);
    entries.push(entry, Buffer.from(`${name}\0\0abc`));
    at += whole.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(7, 20);
  return Buffer.concat([...parts, ...entries, end, Buffer.from('comment')]);
}

test('files are read by name, stored and deflated', () => {
  const long = 'text '.repeat(1_000);
  const archive = zip([
    ['a.txt', 'short', 0],
    ['b/c.txt', long, 8],
  ]);
  assert.equal(readZipEntry(archive, 'a.txt').toString(), 'short');
  assert.equal(readZipEntry(archive, 'b/c.txt').toString(), long);
  assert.throws(() => readZipEntry(archive, 'c.txt'), /no file c\.txt/);
});

test('what is no archive, or packed otherwise, is refused', () => {
  assert.throws(() => readZipEntry(Buffer.alloc(100), 'a'), /no ZIP archive/);
  assert.throws(() => readZipEntry(Buffer.alloc(0), 'a'), /no ZIP archive/);
  const archive = zip([['a', 'text', 99]]);
  assert.throws(() => readZipEntry(archive, 'a'), /\(99\) that is unknown/);
});
