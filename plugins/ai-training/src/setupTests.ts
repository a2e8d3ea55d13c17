import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages are rendered, possibly on a busy machine.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(30_000);
