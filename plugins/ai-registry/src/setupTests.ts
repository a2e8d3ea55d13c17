import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages are rendered: a loaded machine needs longer than the default of a second.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(40_000);

// jsdom's files cannot be read as text, those of every browser can.
File.prototype.text ??= function text(this: File) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsText(this);
  });
};
