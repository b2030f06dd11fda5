import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import { firstValueFrom, map } from 'rxjs';

@Injectable()
export class StudentsService {
  constructor(private readonly http: DokStampHttpService) {}

  names(): Promise<string[]> {
    const students = this.http.get<{ data: { name: string }[] }>('/students');
    return firstValueFrom(students.pipe(map(({ data }) => data.data.map(({ name }) => name))));
  }

  async add(name: string): Promise<void> {
    const email = `${name.toLowerCase()}@example.org`;
    await this.http.axiosRef.post('/students', { name, email, date_of_birth: '2000-01-31' });
  }
}

@Controller('students')
export class StudentsController {
  constructor(private readonly students: StudentsService) {}

  @Get()
  list(): Promise<string[]> {
    return this.students.names();
  }
}

@Module({
  imports: [ConfigModule.forRoot({ ignoreEnvFile: true }), DokStampModule.forRootAsync()],
  controllers: [StudentsController],
  providers: [StudentsService],
})
export class RegistrarModule {}
