"""Image-to-video pipelines that are as small as can be: the library's own classes with random weights, saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from diffusers import (
    AutoencoderKLCogVideoX,
    AutoencoderKLLTXVideo,
    AutoencoderKLTemporalDecoder,
    AutoencoderKLWan,
    CogVideoXDDIMScheduler,
    CogVideoXImageToVideoPipeline,
    CogVideoXTransformer3DModel,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LTXImageToVideoPipeline,
    LTXVideoTransformer3DModel,
    StableVideoDiffusionPipeline,
    UNetSpatioTemporalConditionModel,
    WanImageToVideoPipeline,
    WanTransformer3DModel,
)


def stable_video_diffusion() -> Any:
    """Without a prompt; decodes in slices of its own."""
    unet = UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        in_channels=8,
        out_channels=4,
        num_frames=8,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=32,
        num_attention_heads=8,
        projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
    )
    vae = AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 64), down_block_types=("DownEncoderBlock2D",) * 2, latent_channels=4
    )
    scheduler = EulerDiscreteScheduler(
        prediction_type="v_prediction",
        timestep_type="continuous",
        sigma_max=700.0,
        sigma_min=0.002,
        use_karras_sigmas=True,
    )
    return StableVideoDiffusionPipeline(
        vae=vae, image_encoder=eyes(32), unet=unet, scheduler=scheduler, feature_extractor=glasses()
    )


def wan() -> Any:
    """With a prompt and a picture encoder."""
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36,
        out_channels=16,
        text_dim=32,
        freq_dim=256,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        image_dim=4,
    )
    vae = AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    return WanImageToVideoPipeline(
        tokenizer=words(),
        text_encoder=transformers.UMT5EncoderModel(reader(transformers.UMT5Config)),
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        image_processor=glasses(),
        image_encoder=eyes(4, heads=2),
        transformer=transformer,
    )


def ltx() -> Any:
    """With a prompt; eight frames to a latent, and sides that are multiples of 32."""
    transformer = LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=32,
    )
    vae = AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        encoder_causal=True,
        decoder_causal=False,
    )
    return LTXImageToVideoPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=transformers.T5EncoderModel(reader(transformers.T5Config)),
        tokenizer=words(),
        transformer=transformer,
    )


def cogvideox() -> Any:
    """With a prompt, and of one size only, as the larger of its first release."""
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=8,
        out_channels=4,
        time_embed_dim=2,
        text_embed_dim=32,
        num_layers=1,
        sample_width=12,
        sample_height=8,
        sample_frames=9,
        patch_size=2,
        temporal_compression_ratio=4,
        max_text_seq_length=226,
        use_rotary_positional_embeddings=True,
        use_learned_positional_embeddings=True,
    )
    vae = AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        temporal_compression_ratio=4,
    )
    return CogVideoXImageToVideoPipeline(
        tokenizer=words(),
        text_encoder=transformers.T5EncoderModel(reader(transformers.T5Config)),
        vae=vae,
        transformer=transformer,
        scheduler=CogVideoXDDIMScheduler(),
    )


PIPELINES: dict[str, Callable[[], Any]] = {
    "svd": stable_video_diffusion,
    "wan": wan,
    "ltx": ltx,
    "cogvideox": cogvideox,
}


def save(name: str, folder: Path) -> Path:
    """The folder in which this pipeline has been saved, always with the same weights."""
    torch.manual_seed(0)
    pipeline = PIPELINES[name]()
    pipeline.save_pretrained(folder)
    return folder


# Parts


def eyes(width: int, heads: int = 4) -> Any:
    return transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=width,
            projection_dim=width,
            num_hidden_layers=2,
            num_attention_heads=heads,
            image_size=224,
            intermediate_size=16,
            patch_size=56,
        )
    )


def glasses() -> Any:
    return transformers.CLIPImageProcessor(crop_size=224, size=224)


def reader(config: Any) -> Any:
    return config(d_model=32, d_kv=8, d_ff=37, num_layers=1, num_heads=4, vocab_size=400)


def words() -> Any:
    """A tokenizer of bytes, which needs no vocabulary of anybody's."""
    return transformers.ByT5Tokenizer()
