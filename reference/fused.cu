// Losses with their gradients in one pass.  Compiled once per rule: RULE_<name> chooses the rule, BLOCK is the size of
// a block; rules for entries take PER entries per thread and step, rules for rows give each row to GROUP lanes that
// hold HELD entries each.  Sums of a block go to partial[block]; the gradients are scaled, the sums are not.

typedef long long count_t;
#define LOWEST -1.7976931348623157e308

#ifndef RULE_trajectory
// The sum over a block, in its first thread.
static __device__ double block_sum(double value) {
    __shared__ double warps[32];
    for (int offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffffu, value, offset);
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
    __syncthreads();
    value = threadIdx.x < (BLOCK + 31) / 32 ? warps[threadIdx.x] : 0.0;
    if (threadIdx.x < 32)
        for (int offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffffu, value, offset);
    return value;
}
#endif

// ---- rules for entries: the loss of one entry, its gradients by reference --------------------------------------

#if defined(RULE_mse)
#define ENTRIES
#define INPUTS 2
#define GRADS 1
#define CONSTANT
static __device__ double rule(const double* x, double* g) {
    const double r = x[1] - x[0];
    g[0] = 2.0 * r;
    return r * r;
}
#elif defined(RULE_weighted_mse)
#define ENTRIES
#define INPUTS 3
#define GRADS 1
#define CONSTANT
static __device__ double rule(const double* x, double* g) {
    const double r = x[1] - x[0], pull = x[2] * r;
    g[0] = 2.0 * pull;
    return pull * r;
}
#elif defined(RULE_huber)
#define ENTRIES
#define INPUTS 2
#define GRADS 1
#define CONSTANT double delta,
#define GIVEN , delta
static __device__ double rule(const double* x, double* g, double delta) {
    const double r = x[1] - x[0];
    // written so that NaN stays NaN
    const double psi = r > delta ? delta : (r < -delta ? -delta : r);
    g[0] = psi;
    return psi * (r - 0.5 * psi);
}
#elif defined(RULE_gaussian_nll)
#define ENTRIES
#define INPUTS 3
#define GRADS 2
#define CONSTANT
static __device__ double rule(const double* x, double* g) {
    const double root = exp(-0.5 * x[2]), z = (x[0] - x[1]) * root, square = z * z;
    g[0] = -z * root;
    g[1] = 0.5 - 0.5 * square;
    return 0.5 * (1.8378770664093454836 + x[2] + square);  // log(2 pi)
}
#endif

#if defined(RULE_trajectory)

// ---- gradient descent on single pre-activations: one thread each, all steps in registers -------------------------

static __device__ double slope(double z, double y) {
#if defined(KIND_linear)
    return z - y;
#elif defined(KIND_relu)
    return z > 0.0 ? z - y : 0.0;
#elif defined(KIND_tanh)
    const double e = exp(-2.0 * fabs(z)), half = 1.0 + e;
    return (tanh(z) - y) * 4.0 * e / (half * half);
#else
    const double e = exp(-fabs(z)), whole = 1.0 + e;
    return ((z >= 0.0 ? 1.0 : e) / whole - y) * e / (whole * whole);
#endif
}

extern "C" __global__ void __launch_bounds__(BLOCK) fused(
    const double* __restrict__ z0, const double* __restrict__ target, double* __restrict__ end, count_t n,
    count_t steps, double lr) {
    const count_t i = (count_t)blockIdx.x * BLOCK + threadIdx.x;
    if (i >= n) return;
    double z = z0[i];
    const double y = target[i];
    for (count_t t = 0; t < steps; ++t) z -= lr * slope(z, y);
    end[i] = z;
}
#elif defined(ENTRIES)
#ifndef GIVEN
#define GIVEN
#endif
extern "C" __global__ void __launch_bounds__(BLOCK) fused(
    const double* __restrict__ a, const double* __restrict__ b,
#if INPUTS > 2
    const double* __restrict__ c,
#endif
    double* __restrict__ ga,
#if GRADS > 1
    double* __restrict__ gb,
#endif
    double* __restrict__ partial, count_t n, CONSTANT double scale) {
    double total = 0.0;
    const count_t step = (count_t)gridDim.x * BLOCK * PER;
    for (count_t start = (count_t)blockIdx.x * BLOCK * PER + threadIdx.x; start < n; start += step) {
        double x[PER][INPUTS];
        // all loads first, so that several are on their way at once
#pragma unroll
        for (int k = 0; k < PER; ++k) {
            const count_t i = start + (count_t)k * BLOCK;
            if (i < n) {
                x[k][0] = a[i];
                x[k][1] = b[i];
#if INPUTS > 2
                x[k][2] = c[i];
#endif
            }
        }
#pragma unroll
        for (int k = 0; k < PER; ++k) {
            const count_t i = start + (count_t)k * BLOCK;
            if (i < n) {
                double g[GRADS];
                total += rule(x[k], g GIVEN);
                ga[i] = g[0] * scale;
#if GRADS > 1
                gb[i] = g[1] * scale;
#endif
            }
        }
    }
    total = block_sum(total);
    if (threadIdx.x == 0) partial[blockIdx.x] = total;
}
#else

// ---- rules for rows: softmax over the last axis ------------------------------------------------------------------

static __device__ double group_sum(double value) {
    for (int offset = GROUP / 2; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffffu, value, offset, GROUP);
    return value;
}

static __device__ double group_max(double value) {
    for (int offset = GROUP / 2; offset > 0; offset /= 2) {
        const double other = __shfl_xor_sync(0xffffffffu, value, offset, GROUP);
        value = other > value ? other : value;
    }
    return value;
}

extern "C" __global__ void __launch_bounds__(BLOCK) fused(
    const double* __restrict__ logits, const double* __restrict__ targets, double* __restrict__ grad,
    double* __restrict__ partial, count_t n, count_t K, double scale) {
    const int lane = threadIdx.x % GROUP;
    const count_t groups = (count_t)gridDim.x * (BLOCK / GROUP);
    double total = 0.0;
    // every lane of a warp takes every step, also where its row lies behind the end: the exchanges need them all
    const count_t first = (count_t)blockIdx.x * (BLOCK / GROUP) + threadIdx.x / GROUP;
    for (count_t base = 0; base < n; base += groups) {
        const count_t row = base + first;
        double e[HELD], y[HELD], top = LOWEST;
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            const count_t column = lane + (count_t)k * GROUP;
            const bool inside = row < n && column < K;
            e[k] = inside ? logits[row * K + column] : LOWEST;
            y[k] = inside ? targets[row * K + column] : 0.0;
            top = e[k] > top ? e[k] : top;
        }
        top = group_max(top);
        double sum = 0.0, first_sum = 0.0, second_sum = 0.0;
#if defined(RULE_softmax_ce)
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            const double shifted = e[k] - top;
            if (y[k] != 0.0) first_sum += y[k] * shifted;
            second_sum += y[k];
            e[k] = exp(shifted);
            sum += e[k];
        }
        sum = group_sum(sum);
        first_sum = group_sum(first_sum);
        const double mass = group_sum(second_sum);
        if (lane == 0 && row < n) total += mass * log(sum) - first_sum;
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            const count_t column = lane + (count_t)k * GROUP;
            if (row < n && column < K) grad[row * K + column] = (e[k] * (mass / sum) - y[k]) * scale;
        }
#elif defined(RULE_softmax_mse)
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            e[k] = exp(e[k] - top);
            sum += e[k];
        }
        sum = group_sum(sum);
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            e[k] /= sum;
            const double error = e[k] - y[k];
            first_sum += error * error;
            second_sum += error * e[k];
        }
        first_sum = group_sum(first_sum);
        const double coupling = group_sum(second_sum);
        if (lane == 0 && row < n) total += 0.5 * first_sum;
#pragma unroll
        for (int k = 0; k < HELD; ++k) {
            const count_t column = lane + (count_t)k * GROUP;
            if (row < n && column < K) grad[row * K + column] = e[k] * (e[k] - y[k] - coupling) * scale;
        }
#endif
    }
    total = block_sum(total);
    if (threadIdx.x == 0) partial[blockIdx.x] = total;
}
#endif
