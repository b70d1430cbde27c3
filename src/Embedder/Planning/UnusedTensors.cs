namespace Recs.Embedder.Planning;

/// <summary>What a checkpoint may hold beside the text model's hidden states, and what is never read. In parameters or bytes.</summary>
/// <param name="OutputHead">The matrix that turns states into next tokens (lm_head).</param>
/// <param name="Vision">The image tower and its projector; 0 where only a config.json is known.</param>
/// <param name="Other">Anything else in the files.</param>
public sealed record UnusedTensors(long OutputHead, long Vision, long Other);
