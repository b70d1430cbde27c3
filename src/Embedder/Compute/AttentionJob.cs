using Recs.Embedder.Threading;

namespace Recs.Embedder.Compute;

/// <summary>Attention of a batch in pieces of one head of one sequence.</summary>
internal sealed unsafe class AttentionJob(int workers) : TeamJob
{
    private readonly AlignedFloats[] _scores = [.. Enumerable.Range(0, workers).Select(_ => new AlignedFloats(0))];
    private CpuTensor? _qkv_tc;
    private CpuTensor? _y_tq;
    private AttentionShape? _shape;
    private PackedBatch? _batch;
    private int? _chunk;

    public int Pieces => _batch!.Sequences * _shape!.Heads;

    public void Set(CpuTensor qkv_tc, AttentionShape shape, PackedBatch batch, int? chunk, CpuTensor y_tq)
    {
        (_qkv_tc, _shape, _batch, _chunk, _y_tq) = (qkv_tc, shape, batch, chunk, y_tq);
        for (var worker = 0; worker < _scores.Length; worker++)
            if (_scores[worker].Count < batch.LongestSequence + AttentionKernel.ScoreSlack) _scores[worker] = new AlignedFloats(2 * batch.LongestSequence + AttentionKernel.ScoreSlack);
    }

    public override void Run(int worker, int piece)
    {
        var (sequence, head) = (piece / _shape!.Heads, piece % _shape.Heads);
        var first = _batch!.Starts[sequence];
        AttentionKernel.Run(_qkv_tc!.Row(first), _shape, _batch.Starts[sequence + 1] - first, head, _chunk, _scores[worker].Pointer, _y_tq!.Row(first));
    }

    public void RunAll()
    {
        for (var piece = 0; piece < Pieces; piece++) Run(0, piece);
    }
}
