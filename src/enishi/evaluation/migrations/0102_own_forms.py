import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evaluation', '0101_reflections_data_sets_and_envelopes'),
        ('organizations', '0004_ways_to_reach_sections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=20, verbose_name='様式')),
                ('filename', models.CharField(max_length=150, verbose_name='ファイル名')),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('marks', models.PositiveIntegerField(verbose_name='印の数')),
                ('added_at', models.DateTimeField(verbose_name='登録日時')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_forms', to='organizations.organization', verbose_name='団体')),
            ],
            options={
                'verbose_name': '団体の様式',
                'verbose_name_plural': '団体の様式',
                'ordering': ['-added_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('organization', 'form'), name='own_form_one_in_use'), models.CheckConstraint(condition=models.Q(('marks__gt', 0)), name='own_form_has_marks')],
            },
        ),
    ]
