namespace Recs.Embedder.Compute;

/// <summary>
/// Tokens sorted by expert, and room for what an expert makes of them. Within one expert tokens keep their order.
/// Reused from layer to layer; not thread-safe.
/// </summary>
internal sealed unsafe class ExpertScratch
{
    private readonly Dictionary<(string Use, int Columns), CpuTensor> _tensors = [];
    private int[] _tokens = [];
    private int[] _starts = [];

    /// <summary>Inputs times score, [tokens in the order of experts, hidden].</summary>
    public CpuTensor Gathered { get; private set; } = new(0);

    public void Gather(CpuTensor x_td, Routing routing, int experts)
    {
        if (_tokens.Length < x_td.Rows) _tokens = new int[x_td.Rows];
        if (_starts.Length < experts + 1) _starts = new int[experts + 1];
        Gathered = Fit(nameof(Gathered), x_td.Rows, x_td.Columns);
        var next = 0;
        for (var expert = 0; expert < experts; expert++)
        {
            _starts[expert] = next;
            for (var t = 0; t < x_td.Rows; t++)
            {
                if (routing.Experts[t] != expert) continue;
                RowKernels.Scale(x_td.Row(t), routing.Scores[t], Gathered.Row(next), x_td.Columns);
                _tokens[next++] = t;
            }
        }
        _starts[experts] = next;
    }

    public (int First, int Rows) RowsOf(int expert) => (_starts[expert], _starts[expert + 1] - _starts[expert]);

    public int TokenAt(int gatheredRow) => _tokens[gatheredRow];

    public CpuTensor GateUp(int rows, int columns) => Fit(nameof(GateUp), rows, columns);

    public CpuTensor Activated(int rows, int columns) => Fit(nameof(Activated), rows, columns);

    public CpuTensor Result(int rows, int columns) => Fit(nameof(Result), rows, columns);

    private CpuTensor Fit(string use, int rows, int columns)
    {
        if (!_tensors.TryGetValue((use, columns), out var tensor)) _tensors[(use, columns)] = tensor = new CpuTensor(columns);
        tensor.Fit(rows);
        return tensor;
    }
}
