/** What the runtime says about a file, and what to do about it in the words of exporters. */
const ADVICE: [RegExp, (...found: string[]) => string][] = [
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (found, most) =>
      `the file has the IR version ${found}, and this runtime takes up to ${most}: set model.ir_version = ${most} before onnx.save, or export with an older onnx`,
  ],
  [
    /Opset (\d+) is under development.*?support for domain (\S+) is till opset (\d+)/,
    (found, domain, most) =>
      `the file asks for version ${found} of the operators of ${domain}, and this runtime has up to ${most}: export with opset_version=${most} (torch.onnx.export) or target_opset=${most} (skl2onnx, onnxmltools), or convert it by onnx.version_converter.convert_version(model, ${most})`,
  ],
  [
    /No Op registered for (\S+) with domain_version of (\d+)/,
    (operator, version) =>
      `version ${version} of the standard operators has no ${operator}: export with a higher opset_version (torch.onnx.export) or target_opset (skl2onnx, onnxmltools) that has it`,
  ],
  [
    /(\S+?):(\S+)\(-?\d+\) is not a registered function\/op/,
    (domain, operator) =>
      `the operator ${operator} of '${domain}' is none that this runtime has: ${adviseDomain(
        domain,
      )}`,
  ],
  [
    /Could not find an implementation for (\w+)\((\d+)\)/,
    (operator, version) =>
      `this runtime cannot compute ${operator} (version ${version}) with the datatypes that the model gives it: export it in FP32 (model.float() in PyTorch), or with opset_version or target_opset of 7 or higher where it is lower`,
  ],
  [
    /Type 'tensor\((\w+)\)' of input parameter \((.*?)\) of operator \((\w+)\)/,
    (datatype, input, operator) =>
      `the operator ${operator} takes no ${datatype}, which its input '${input}' is: cast it in the export`,
  ],
];

function adviseDomain(domain: string): string {
  switch (domain) {
    case 'ai.onnx.contrib':
      return 'onnxruntime-extensions are not loaded here: do that step, such as making tokens of texts, before the model is called';
    case 'com.microsoft':
      return 'it was made by another onnxruntime: export without its optimizers, or with the standard operators';
    default:
      return 'operators of your own cannot be loaded here: export with the standard operators, or define it in the file as a model function (onnx.helper.make_function)';
  }
}

/** @returns undefined where there is nothing to add to what the runtime says */
export function adviseExport(detail: string): string | undefined {
  for (const [pattern, advise] of ADVICE) {
    const match = pattern.exec(detail);
    if (match) return advise(...match.slice(1));
  }
  return undefined;
}
