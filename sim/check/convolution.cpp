// SPDX-License-Identifier: Apache-2.0
#include "sim/check/convolution.h"

#include <dnnl.hpp>

#include "sim/base/check.h"

namespace skipsim::check {
namespace {

using dnnl::memory;
using reduction::ConvolutionShape;
using reduction::TrainingStage;

/// Padding behind the image that makes the output exactly so large; less than 0 where windows do
/// not reach the end of the image.
std::int64_t padding_behind(std::int64_t in, std::int64_t out, std::int64_t kernel,
                            std::int64_t stride, std::int64_t padding, std::int64_t dilation) {
    return (out - 1) * stride + (kernel - 1) * dilation + 1 - in - padding;
}

/// The convolution of a layer, ready to be computed in any stage.
class Layer {
public:
    explicit Layer(const ConvolutionShape& shape)
        : x_({shape.samples, shape.in_channels, shape.in_size.vertical, shape.in_size.horizontal},
             memory::data_type::f32, memory::format_tag::nchw),
          y_({shape.samples, shape.out_channels, shape.out_size.vertical,
              shape.out_size.horizontal},
             memory::data_type::f32, memory::format_tag::nchw),
          weight_({shape.groups, shape.out_channels_per_group(), shape.in_channels_per_group(),
                   shape.kernel.vertical, shape.kernel.horizontal},
                  memory::data_type::f32, memory::format_tag::goihw),
          stride_{shape.stride.vertical, shape.stride.horizontal},
          dilation_{shape.dilation.vertical - 1, shape.dilation.horizontal - 1},
          before_{shape.padding.vertical, shape.padding.horizontal},
          behind_{padding_behind(shape.in_size.vertical, shape.out_size.vertical,
                                 shape.kernel.vertical, shape.stride.vertical,
                                 shape.padding.vertical, shape.dilation.vertical),
                  padding_behind(shape.in_size.horizontal, shape.out_size.horizontal,
                                 shape.kernel.horizontal, shape.stride.horizontal,
                                 shape.padding.horizontal, shape.dilation.horizontal)} {
        // No environment variable may let the library round its operands.
        strict_.set_fpmath_mode(dnnl::fpmath_mode::strict);
    }

    void compute(TrainingStage stage, float* x, float* weight, float* y) {
        const memory x_at(x_, engine_, x);
        const memory weight_at(weight_, engine_, weight);
        const memory y_at(y_, engine_, y);
        dnnl::stream stream(engine_);
        switch (stage) {
            case TrainingStage::feed_forward:
                dnnl::convolution_forward(forward()).execute(
                    stream,
                    {{DNNL_ARG_SRC, x_at}, {DNNL_ARG_WEIGHTS, weight_at}, {DNNL_ARG_DST, y_at}});
                break;
            case TrainingStage::back_propagation:
                dnnl::convolution_backward_data(backward_data())
                    .execute(stream, {{DNNL_ARG_DIFF_DST, y_at},
                                      {DNNL_ARG_WEIGHTS, weight_at},
                                      {DNNL_ARG_DIFF_SRC, x_at}});
                break;
            case TrainingStage::weight_gradient:
                dnnl::convolution_backward_weights(backward_weights())
                    .execute(stream, {{DNNL_ARG_SRC, x_at},
                                      {DNNL_ARG_DIFF_DST, y_at},
                                      {DNNL_ARG_DIFF_WEIGHTS, weight_at}});
                break;
        }
        stream.wait();
    }

private:
    static constexpr dnnl::algorithm kDirect = dnnl::algorithm::convolution_direct;

    [[nodiscard]] dnnl::convolution_forward::primitive_desc forward() const {
        return {{dnnl::prop_kind::forward_training, kDirect, x_, weight_, y_, stride_, dilation_,
                 before_, behind_},
                strict_,
                engine_};
    }
    [[nodiscard]] dnnl::convolution_backward_data::primitive_desc backward_data() const {
        return {{kDirect, x_, weight_, y_, stride_, dilation_, before_, behind_},
                strict_,
                engine_,
                forward()};
    }
    [[nodiscard]] dnnl::convolution_backward_weights::primitive_desc backward_weights() const {
        return {{kDirect, x_, weight_, y_, stride_, dilation_, before_, behind_},
                strict_,
                engine_,
                forward()};
    }

    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::primitive_attr strict_;
    memory::desc x_;
    memory::desc y_;
    memory::desc weight_;
    memory::dims stride_;
    memory::dims dilation_;
    memory::dims before_;
    memory::dims behind_;
};

}  // namespace

std::vector<float> convolution(TrainingStage stage, const ConvolutionShape& shape,
                               const std::vector<float>& input, const std::vector<float>& weight) {
    const bool backward = stage == TrainingStage::back_propagation;
    const bool gradient = stage == TrainingStage::weight_gradient;
    base::require(input.size() == (backward ? shape.out_elements() : shape.in_elements()) &&
                      weight.size() == (gradient ? shape.out_elements() : shape.weight_elements()),
                  "convolution: operands do not fit the shape");
    std::vector<float> result(backward   ? shape.in_elements()
                              : gradient ? shape.weight_elements()
                                         : shape.out_elements());
    // oneDNN takes operands it only reads by pointers to non-const as well.
    auto* a = const_cast<float*>(input.data());
    auto* b = const_cast<float*>(weight.data());
    float* o = result.data();
    try {
        Layer layer(shape);
        layer.compute(stage, backward ? o : a, gradient ? o : b, backward ? a : gradient ? b : o);
    } catch (const dnnl::error& error) {
        base::throw_internal_error(std::string("convolution: oneDNN: ") + error.what());
    }
    return result;
}

}  // namespace skipsim::check
