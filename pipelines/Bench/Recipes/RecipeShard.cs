using System.Buffers.Binary;
using System.Text.Json;

namespace Recs.Pipelines.Bench.Recipes;

/// <summary>One safetensors file of a recipe: which tensors, where each begins, and the bytes before them.</summary>
internal sealed class RecipeShard
{
    private RecipeShard(IReadOnlyList<RecipeTensor> tensors)
    {
        Tensors = tensors;
        Prologue = WritePrologue(tensors);
        Length = Prologue.Length + tensors.Sum(tensor => tensor.Bytes);
    }

    /// <summary>In file order, behind one another.</summary>
    public IReadOnlyList<RecipeTensor> Tensors { get; }

    /// <summary>The header's length and the header.</summary>
    public byte[] Prologue { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>A new shard begins before the tensor that would exceed <paramref name="shardBytes"/>; none is empty.</summary>
    public static IReadOnlyList<RecipeShard> Split(IEnumerable<RecipeTensor> tensors, long shardBytes)
    {
        List<RecipeShard> shards = [];
        List<RecipeTensor> shard = [];
        var used = 0L;
        foreach (var tensor in tensors)
        {
            if (shard.Count > 0 && used + tensor.Bytes > shardBytes)
            {
                shards.Add(new RecipeShard([.. shard]));
                shard.Clear();
                used = 0;
            }
            shard.Add(tensor);
            used += tensor.Bytes;
        }
        shards.Add(new RecipeShard([.. shard]));
        return shards;
    }

    /// <summary>As Hugging Face names them, from 1.</summary>
    public static string NameOf(int index, int count) => $"model-{index + 1:D5}-of-{count:D5}.safetensors";

    private static byte[] WritePrologue(IReadOnlyList<RecipeTensor> tensors)
    {
        using var bytes = new MemoryStream();
        bytes.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "BF16");
                json.WriteStartArray("shape");
                foreach (var side in tensor.Shape) json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0) bytes.WriteByte((byte)' ');
        var prologue = bytes.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(prologue, prologue.Length - 8);
        return prologue;
    }
}
