import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages are rendered: a loaded machine needs longer than the default of a second.
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(40_000);
