// Memory for device tensors: weights of products are kept in the order of our own kernels or go to
// ggml's rearranging buffer where there are such, what lies in a mapped file stays there, the rest gets ordinary memory. One ggml buffer for each.

import type { CheckedSpec, DriverAllocation } from '../driver.js';
import type { TensorForm } from '../types.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { canInterleave, InterleavedTensor } from './interleaver.js';
import type { ProductKernels } from './kernels.js';
import { GgmlMappedFile } from './mapped-file.js';
import type { Rearranger } from './rearranger.js';
import { GgmlTensor } from './tensor.js';
import { TensorContext } from './tensor-context.js';

export interface BufferOptions {
  ggml: BaseFunctions;
  /** Of ordinary memory. */
  bufferType: Pointer;
  rearranger: Rearranger | undefined;
  products: ProductKernels | undefined;
}

/** Tensors of one buffer. */
interface Group {
  form: TensorForm;
  /** Rearranged by us rather than by ggml. */
  isInterleaved?: boolean;
  file: GgmlMappedFile | undefined;
  /** Positions in the list of specs. */
  members: number[];
}

/** @throws Error when there is not enough memory; nothing is left then */
export function allocateTensors(
  options: BufferOptions,
  specs: readonly CheckedSpec[],
): DriverAllocation<GgmlTensor> {
  const { ggml, bufferType, rearranger, products } = options;
  const groups = groupByBuffer(options, specs);
  const tensors: GgmlTensor[] = [];
  const held: (() => void)[] = [];
  const free = (): void => held.forEach((release) => release());
  let byteLength = 0;
  let mappedBytes = 0;
  try {
    for (const { form, isInterleaved = false, file, members } of groups) {
      const of = members.map((i) => specs[i]!);
      const context = new TensorContext(ggml, of);
      held.push(() => context.free());
      if (file === undefined) {
        const isRepacked = form === 'rearranged' && !isInterleaved;
        context.allocate(isRepacked ? rearranger!.bufferType : bufferType, {
          hugePages: isInterleaved,
        });
        byteLength += context.byteLength;
      } else {
        file.addUser();
        held.push(() => file.removeUser());
        const offsets = of.map(({ mapped }) => mapped!.byteOffset);
        context.place(file.address, file.byteLength, offsets);
        mappedBytes += of.reduce((sum, spec) => sum + spec.byteLength, 0);
      }
      for (const [k, i] of members.entries()) {
        const pointer = context.pointers[k]!;
        tensors[i] = isInterleaved
          ? new InterleavedTensor(ggml, pointer, specs[i]!, products!)
          : new GgmlTensor(ggml, pointer, form);
      }
    }
  } catch (error) {
    free();
    throw error;
  }
  return { tensors, byteLength, mappedBytes, free };
}

/** Without the padding between tensors. */
export function footprintOf(
  options: BufferOptions,
  specs: readonly CheckedSpec[],
): { byteLength: number; mappedBytes: number } {
  const sums = { byteLength: 0, mappedBytes: 0 };
  for (const { file, members } of groupByBuffer(options, specs)) {
    const sum = members.reduce((total, i) => total + specs[i]!.byteLength, 0);
    sums[file === undefined ? 'byteLength' : 'mappedBytes'] += sum;
  }
  return sums;
}

function groupByBuffer(
  { ggml, bufferType, rearranger, products }: BufferOptions,
  specs: readonly CheckedSpec[],
): Group[] {
  const alignment = Number(ggml.ggml_backend_buft_get_alignment(bufferType));
  const plain: Group = { form: 'plain', file: undefined, members: [] };
  const rearranged: Group = { form: 'rearranged', file: undefined, members: [] };
  const interleaved: Group = { ...rearranged, isInterleaved: true, members: [] };
  const mapped = new Map<GgmlMappedFile, Group>();
  for (const [i, spec] of specs.entries()) {
    const file = fileOf(spec, alignment);
    if (products && canInterleave(spec)) {
      interleaved.members.push(i);
    } else if (rearranger?.takes(spec)) {
      rearranged.members.push(i);
    } else if (file === undefined) {
      plain.members.push(i);
    } else {
      const group = mapped.get(file) ?? { form: 'mapped', file, members: [] };
      group.members.push(i);
      mapped.set(file, group);
    }
  }
  const groups = [plain, rearranged, interleaved, ...mapped.values()];
  return groups.filter(({ members }) => members.length > 0);
}

/** The file in which the tensor can be used where it lies. */
function fileOf({ name, mapped }: CheckedSpec, alignment: number): GgmlMappedFile | undefined {
  if (mapped === undefined) return undefined;
  const { file, byteOffset } = mapped;
  if (!(file instanceof GgmlMappedFile)) {
    throw new Error(`allocate ${name}: the file was mapped by another device`);
  }
  return byteOffset % alignment === 0 ? file : undefined;
}
