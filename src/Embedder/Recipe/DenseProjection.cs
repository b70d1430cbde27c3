using Recs.Domain;
using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Recipe;

/// <summary>
/// A trained map of the pooled vector, as sentence-transformers' Dense module stores it: y = activation(W x + b), usually to fewer
/// dimensions. Thread-safe.
/// </summary>
internal sealed unsafe class DenseProjection
{
    private readonly float[] _weights_oi;
    private readonly float[]? _bias_o;
    private readonly bool _isTanh;

    private DenseProjection(int inputs, int outputs, float[] weights_oi, float[]? bias_o, bool isTanh, string hash) =>
        (Inputs, Outputs, _weights_oi, _bias_o, _isTanh, Hash) = (inputs, outputs, weights_oi, bias_o, isTanh, hash);

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>SHA-256 of the weights' file, and the activation.</summary>
    public string Hash { get; }

    /// <param name="folder">Holds config.json and model.safetensors with linear.weight [out, in] and, where config.json says so, linear.bias.</param>
    /// <exception cref="RefusedException">A file is missing or damaged, or the activation is none that is computed here.</exception>
    public static DenseProjection Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        using var document = JsonFile.Read(path);
        var fields = new JsonFields(document.RootElement, path);
        if (!fields.IsObject) throw new RefusedException($"{path}: not a JSON object");
        var (inputs, outputs) = (fields.RequireWhole("in_features", 1), fields.RequireWhole("out_features", 1));
        // A Python class name, such as torch.nn.modules.activation.Tanh; sentence-transformers' own default is Tanh.
        var activation = (fields.Text("activation_function") ?? "Tanh").Split('.')[^1];
        if (activation is not ("Tanh" or "Identity")) throw fields.Refuse("activation_function", activation, "Tanh or Identity");
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var weights = Find(file, "linear.weight").RequireShape(outputs, inputs).ReadFinite(0, checked(outputs * inputs));
        var bias = fields.Flag("bias") ?? true ? Find(file, "linear.bias").RequireShape(outputs).ReadFinite(0, outputs) : null;
        return new DenseProjection(inputs, outputs, weights, bias, activation == "Tanh", $"{EmbeddingVersion.HashOf(file)} {activation}");
    }

    /// <summary>[<see cref="Inputs"/>] to [<see cref="Outputs"/>].</summary>
    public float[] Apply(float[] vector)
    {
        var projected = new float[Outputs];
        fixed (float* x = vector, w = _weights_oi)
            for (var o = 0; o < Outputs; o++) projected[o] = RowKernels.Dot(w + (nint)o * Inputs, x, Inputs);
        if (_bias_o is not null) for (var o = 0; o < Outputs; o++) projected[o] += _bias_o[o];
        if (_isTanh) for (var o = 0; o < Outputs; o++) projected[o] = RowKernels.Tanh(projected[o]);
        return projected;
    }

    private static TensorView Find(SafetensorsFile file, string name) =>
        file.Tensors.FirstOrDefault(tensor => tensor.Name == name) ?? throw new RefusedException($"{file.Path}: tensor {name} is missing");
}
