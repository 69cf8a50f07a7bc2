// Weights and caches: named memory with guards against use after disposal, disposal while a graph
// still points into it, and access while a compute may be reading or writing it.

import type { CheckedSpec, DriverAllocation, DriverTensor } from './driver.js';
import { DisposedError } from './errors.js';
import type { HostDevice } from './host-device.js';
import type { Allocation, DeviceTensor, DType, Shape4, TensorForm } from './types.js';

export class HostAllocation<T extends DriverTensor> implements Allocation {
  readonly device: HostDevice<T>;
  readonly #memory: DriverAllocation<T>;
  readonly #tensors = new Map<string, HostTensor<T>>();
  #numUsers = 0;
  #disposed = false;

  constructor(device: HostDevice<T>, specs: readonly CheckedSpec[], memory: DriverAllocation<T>) {
    this.device = device;
    this.#memory = memory;
    specs.forEach((spec, index) => {
      this.#tensors.set(spec.name, new HostTensor(this, spec, memory.tensors[index]!));
    });
  }

  get byteLength(): number {
    return this.#memory.byteLength;
  }

  get mappedBytes(): number {
    return this.#memory.mappedBytes;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  get(name: string): DeviceTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`no tensor named ${name} in this allocation`);
    return tensor;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  tensors(): Iterable<DeviceTensor> {
    return this.#tensors.values();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.device.assertIdle('memory was freed');
    if (this.#numUsers > 0)
      throw new Error(`dispose: ${this.#numUsers} graphs still use this memory`);
    this.#disposed = true;
    this.#memory.free();
    this.device.release(this.#memory.byteLength);
  }

  /** A compiled graph points into this memory until it calls removeUser. */
  addUser(): void {
    this.#numUsers++;
  }

  removeUser(): void {
    this.#numUsers--;
  }

  assertAlive(): void {
    if (this.#disposed) throw new DisposedError('the allocation');
  }
}

export class HostTensor<T extends DriverTensor> implements DeviceTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape4;
  readonly byteLength: number;
  readonly allocation: HostAllocation<T>;
  readonly memory: T;

  constructor(allocation: HostAllocation<T>, spec: CheckedSpec, memory: T) {
    this.allocation = allocation;
    this.memory = memory;
    this.name = spec.name;
    this.dtype = spec.dtype;
    this.shape = spec.shape;
    this.byteLength = spec.byteLength;
  }

  get form(): TensorForm {
    return this.memory.form;
  }

  upload(bytes: Uint8Array, byteOffset = 0): void {
    this.#assertRange('upload', byteOffset, bytes.byteLength);
    this.#assertUsable('uploaded to');
    if (this.form === 'mapped')
      throw new Error(`upload: tensor ${this.name} lies in a mapped file`);
    if (this.form === 'rearranged' && bytes.byteLength !== this.byteLength) {
      throw new RangeError(
        `upload: ${bytes.byteLength} bytes of tensor ${this.name}; it is rearranged and takes all ${this.byteLength} at once`,
      );
    }
    this.memory.write(bytes, byteOffset);
  }

  download(byteOffset = 0, byteLength = this.byteLength - byteOffset): Uint8Array {
    this.#assertRange('download', byteOffset, byteLength);
    this.#assertUsable('downloaded');
    if (this.form === 'rearranged') throw new Error(`download: tensor ${this.name} is rearranged`);
    return this.memory.bytes().slice(byteOffset, byteOffset + byteLength);
  }

  hostBytes(): Uint8Array | undefined {
    if (this.form === 'rearranged') return undefined;
    return this.allocation.disposed ? new Uint8Array(0) : this.memory.bytes();
  }

  #assertUsable(verb: string): void {
    this.allocation.assertAlive();
    this.allocation.device.assertIdle(`tensor ${this.name} was ${verb}`);
  }

  #assertRange(verb: string, byteOffset: number, byteLength: number): void {
    const valid = Number.isInteger(byteOffset) && byteOffset >= 0 && byteLength >= 0;
    if (!valid || byteOffset + byteLength > this.byteLength) {
      const range = `bytes ${byteOffset}..${byteOffset + byteLength}`;
      throw new RangeError(
        `${verb}: ${range} of tensor ${this.name}, which has ${this.byteLength}`,
      );
    }
  }
}
