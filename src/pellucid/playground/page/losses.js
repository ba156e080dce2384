// The rows of the loss curve, as Python thins and extends them.

export class LossRows {
  constructor() {
    /** @type {number[]} */
    this.epochs = [];
    /** @type {number[]} */
    this.train = [];
    /** @type {number[]} */
    this.test = [];
    this.stride = 1;
  }

  get length() {
    return this.epochs.length;
  }

  /**
   * Rows (epoch, training loss, test loss) from `start` on take the place of what was there; false if rows are missing before it.
   * @param {number} start @param {number} stride @param {ArrayLike<number>} rows
   */
  replace(start, stride, rows) {
    const whole = start <= this.length;
    for (const column of [this.epochs, this.train, this.test]) column.length = Math.min(start, column.length);
    for (let k = 0; k + 2 < rows.length; k += 3) {
      this.epochs.push(rows[k]);
      this.train.push(rows[k + 1]);
      this.test.push(rows[k + 2]);
    }
    this.stride = stride;
    return whole;
  }

  /** The row whose epoch is nearest, or −1. @param {number} epoch */
  nearest(epoch) {
    let [low, high] = [0, this.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.epochs[middle] < epoch) low = middle + 1;
      else high = middle;
    }
    return low > 0 && epoch - this.epochs[low - 1] < this.epochs[low] - epoch
      ? low - 1
      : Math.min(low, this.length - 1);
  }

  /** As text that a spreadsheet reads. */
  csv() {
    const lines = this.epochs.map((epoch, k) =>
      [epoch, this.train[k], Number.isFinite(this.test[k]) ? this.test[k] : ""].join(","),
    );
    return `${["epoch,training_loss,test_loss", ...lines].join("\n")}\n`;
  }
}
